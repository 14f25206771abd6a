using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>What <c>mrl evaluate</c> or <c>mrl recommend</c> was asked to do.</summary>
internal sealed record EvaluateRequest
{
    public required string Model { get; init; }

    public required string Dataset { get; init; }

    /// <summary>The rows to classify by; <see langword="null"/> to leave one out.</summary>
    public string? Reference { get; init; }

    /// <summary>The dimensions; <see langword="null"/> for those that were trained.</summary>
    public MatryoshkaDimensions? Dimensions { get; init; }

    /// <summary>The file of the report; <see langword="null"/> for none.</summary>
    public string? Report { get; init; }

    /// <summary>The share of the full width's quality to keep; <see langword="null"/> where no advice is asked for.</summary>
    public double? Keep { get; init; }

    public RoleNames Columns { get; init; } = new();

    public bool HasHeader { get; init; } = true;

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}

using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>What <c>mrl embed</c> was asked to do.</summary>
internal sealed record EmbedRequest
{
    public required string Model { get; init; }

    public required string Dataset { get; init; }

    public required string Output { get; init; }

    /// <summary>How many values to keep; <see langword="null"/> for all.</summary>
    public int? Dimensions { get; init; }

    public RoleNames Columns { get; init; } = new();

    public bool HasHeader { get; init; } = true;

    /// <summary>Columns to carry along; <see langword="null"/> for none.</summary>
    public string? Kept { get; init; }

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;
}

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>One of the systems that were compared.</summary>
internal sealed record ConfigTrial
{
    public string Type { get; init; } = "Trial";

    public int Version { get; init; } = 1;

    public string TrainerName { get; init; } = "";

    public double Score { get; init; }

    public double? RuntimeInSeconds { get; init; }
}

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Where a training ran.</summary>
internal sealed record ConfigEnvironment
{
    public string Type { get; init; } = "LocalCPU";

    public int Version { get; init; } = 1;
}

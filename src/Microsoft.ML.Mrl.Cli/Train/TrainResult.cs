namespace Microsoft.ML.Mrl.Cli;

/// <summary>What a training came to.</summary>
/// <param name="Head">The trained head.</param>
/// <param name="Comparison">What it is worth at each dimension; <see langword="null"/> where nothing could be measured.</param>
/// <param name="TrainingTime">The time that training took, without reading and measuring.</param>
/// <param name="Warnings">What ML.NET's log warned of.</param>
internal sealed record TrainResult(EmbeddingHead Head, Comparison? Comparison, TimeSpan TrainingTime, IReadOnlyList<string> Warnings)
{
    /// <summary>The dimension to use: the recommended one, else the full width.</summary>
    public int Dimensions => Comparison?.Advice?.Dimensions ?? Head.OutputDimensions;
}

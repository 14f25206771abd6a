namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>What a training came to.</summary>
/// <param name="Model">What was trained.</param>
/// <param name="Comparison">What it is worth at each dimension; <see langword="null"/> where nothing could be measured.</param>
/// <param name="TrainingTime">The time that training took, without reading and measuring.</param>
/// <param name="Warnings">What ML.NET's log warned of.</param>
internal sealed record TrainResult(TrainedModel Model, Comparison? Comparison, TimeSpan TrainingTime, IReadOnlyList<string> Warnings)
{
    /// <summary>The dimension to use: the recommended one, else the full width.</summary>
    public int Dimensions => Comparison?.Advice?.Dimensions ?? Model.Dimensions;
}

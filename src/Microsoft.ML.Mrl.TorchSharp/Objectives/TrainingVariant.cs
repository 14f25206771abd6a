namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>One of the ways to learn what an objective asks for.</summary>
/// <param name="Head">The kind of head.</param>
/// <param name="Objective">What gives the loss.</param>
/// <param name="LearningRates">The learning rates to try, the likeliest first.</param>
/// <param name="Geometry">How strongly the cosines of the input vectors are kept at long prefixes; 0 for not at all.</param>
internal sealed record TrainingVariant(
    HeadKind Head, MrlObjective Objective, IReadOnlyList<double> LearningRates, double Geometry = 0)
{
    /// <summary>The rates to try where nothing better is known.</summary>
    public static IReadOnlyList<double> Usual { get; } = [0.006, 0.02, 0.002, 0.0006];
}

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>What an optimizer remembers from step to step, where it lies: a checkpoint writes it out and reads it back in place.</summary>
internal interface IOptimizerState
{
    /// <summary>Running means.</summary>
    IReadOnlyList<float[]> Moments { get; }

    /// <summary>Counts of steps.</summary>
    int[] StepCounts { get; }
}

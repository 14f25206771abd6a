using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>All numbers that a training changes.</summary>
/// <param name="TakeNumbers">Copies those of the head or encoder.</param>
/// <param name="RestoreNumbers">Puts such a copy back.</param>
/// <param name="LossParameters">Those of the loss.</param>
/// <param name="Optimizers">What the optimizers remember.</param>
internal sealed record LearningState(
    Func<float[][]> TakeNumbers, Action<float[][]> RestoreNumbers, IReadOnlyList<Parameter> LossParameters, IReadOnlyList<IOptimizerState> Optimizers);

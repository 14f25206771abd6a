using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>One training of a family: few epochs for all of them, all epochs for the best.</summary>
/// <param name="Name">What is special about it, for the log; empty where it is the only one.</param>
/// <param name="LearningRate">The highest learning rate.</param>
/// <param name="Epochs">The most epochs.</param>
/// <param name="Checkpoints">The folder of its checkpoints; null for none.</param>
internal sealed record TrainingStage(string Name, double LearningRate, int Epochs, CheckpointFolder? Checkpoints)
{
    /// <summary>Whether the log is told of every epoch.</summary>
    public bool LogsEpochs { get; init; } = true;

    public bool IsOneOfSeveral => Name.Length > 0;
}

using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Lets what the loss learns, such as a classifier, catch up with the head that an encoder starts from: its first gradients would else undo
/// what the head is good for.
/// </summary>
internal static class LossAlone
{
    private const int Epochs = 5;

    /// <param name="trained">The encoder, whose loss learns.</param>
    /// <param name="map">The head.</param>
    /// <param name="normalizes">Whether what the head gives is rescaled to unit length.</param>
    /// <param name="scale">What embeddings are divided by before the loss.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static void Learn(ITrained trained, EmbeddingHead map, bool normalizes, double scale, CancellationToken cancellation)
    {
        Parameter[] ofLoss = [.. trained.Loss.Parameters];
        if (ofLoss.Length == 0)
        {
            return;
        }
        TrainingTask task = trained.Task;
        var optimizer = new AdamW(ofLoss, task.Plan.Options.WeightDecay);
        var embeddings = new MappedEmbeddings(task.Examples, map);
        for (int epoch = 0; epoch < Epochs && !cancellation.IsCancellationRequested; epoch++)
        {
            int[] order = [.. task.Split.Training];
            new Random(unchecked(task.Plan.Seed * 1_000_003 - 1 - epoch)).Shuffle(order);
            trained.Batches.Arrange(order, task.BatchSize);
            for (int first = 0; first + task.BatchSize <= order.Length; first += task.BatchSize)
            {
                using DisposeScope scope = NewDisposeScope();
                int[] rows = order[first..(first + task.BatchSize)];
                Tensor loss = trained.Loss.Forward(trained.Batches.Build(rows, role =>
                {
                    Tensor values = tensor(embeddings.Read(role, rows).Values.ToArray(), [rows.Length, task.Plan.OutputDimensions]);
                    return (normalizes ? nn.functional.normalize(values, 2, 1) : values).Times(1 / scale);
                }));
                loss.backward();
                optimizer.Step(task.Plan.RateOfLoss);
            }
        }
    }
}

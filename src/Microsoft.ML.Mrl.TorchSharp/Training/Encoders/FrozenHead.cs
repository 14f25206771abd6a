using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// The linear head that is trained on a transformer's embeddings before the transformer itself learns, and that it starts from: linear
/// probing, then fine-tuning (Kumar et al. 2022, arXiv:2202.10054).
/// </summary>
/// <param name="Head">The head, with the summary of its training.</param>
/// <param name="Scale">The mean length of the centred embeddings.</param>
internal sealed record FrozenHead(LinearHead Head, double Scale)
{
    /// <summary>Trains it on the embeddings of all texts, as <c>MrlFineTune</c> trains a linear head.</summary>
    /// <param name="plan">What is to be learned.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="split">Those to learn from and those held back.</param>
    /// <param name="scoring">Those that scores are computed from.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide embeddings.</param>
    /// <param name="storage">Where embeddings lie.</param>
    /// <param name="log">Is told what is tried.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    public static FrozenHead Train(
        TrainingPlan plan, ExampleSet texts, ExampleSplit split, ScoringRows scoring, Random random, RowStorage storage, MrlLog log,
        FitCall call)
    {
        var embedded = new Dictionary<VectorRole, VectorRows>();
        try
        {
            int[] all = [.. Enumerable.Range(0, texts.Count)];
            var progress = new StartingProgress(call.Progress, (long)all.Length * texts.Vectors.Keys.Count(role => role.IsEmbedded));
            foreach ((VectorRole role, VectorRows rows) in texts.Vectors.Where(v => v.Key.IsEmbedded))
            {
                embedded.Add(role, PooledPca.Pool(rows, all, storage, progress, call.Cancellation));
            }
            var examples = new ExampleSet
            {
                Vectors = texts.Vectors.ToDictionary(v => v.Key, v => embedded.GetValueOrDefault(v.Key) ?? v.Value),
                Labels = texts.Labels,
                Classes = texts.Classes,
                LearnsLabels = texts.LearnsLabels,
                Scores = texts.Scores,
            };
            using TrainingSpace space = TrainingSpace.Of(examples, plan.OutputDimensions, random, storage, split.Training);
            TrainingPlan ofHead = TrainingPlan.For(OptionsOf(plan), texts.Anchors.Width, plan.Seed);
            using var trainer = new HeadTrainer(new TrainingTask(ofHead, examples, split, scoring), space, random);
            // The training of the head is the start of that of the encoder.
            EmbeddingHead head = HeadTrainer.Train([trainer], log, call with { Progress = null });
            // Where nothing beats the vectors as they are, the transformer starts as it is and is compared with the principal components.
            head = head.Training!.Winner == TrainingWinner.Raw ? StartingHeads.Pca(ofHead, space, head.Training) : head;
            return new FrozenHead((LinearHead)head, space.Scale);
        }
        finally
        {
            foreach (VectorRows rows in embedded.Values)
            {
                rows.Dispose();
            }
        }
    }

    private static MrlFineTuneOptions OptionsOf(TrainingPlan plan)
    {
        MrlTrainingOptions options = plan.Options;
        return new MrlFineTuneOptions
        {
            OutputColumnName = options.OutputColumnName,
            InputColumnName = options.InputColumnName,
            Objective = options.Objective,
            Dimensions = plan.Dimensions,
            DimensionWeights = options.DimensionWeights,
            OutputDimensions = plan.OutputDimensions,
            Head = HeadKind.Linear,
            Patience = options.Patience,
            LearningRate = options.LearningRate,
            WeightDecay = options.WeightDecay,
            WarmUpFraction = options.WarmUpFraction,
            Gate = options.Gate,
            TrainTime = options.TrainTime,
        };
    }
}

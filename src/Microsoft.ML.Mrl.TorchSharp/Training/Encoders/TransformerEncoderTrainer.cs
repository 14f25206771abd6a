using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Trains a transformer encoder. The texts of a batch go through it in parts of similar length; where there are several parts, gradients
/// are cached.
/// </summary>
internal sealed class TransformerEncoderTrainer : ITrained, IDisposable
{
    private readonly TrainingTask _task;
    private readonly TransformerTextEncoder _encoder;
    private readonly LinearHead _pca;
    private readonly double _scale;
    private readonly VectorRole[] _roles;
    private readonly TransformerTrainingOptions _options;
    private readonly TransformerModule _module;
    private readonly Parameter[] _learned;
    private readonly AdamW _optimizer;

    /// <param name="task">What is to be learned, from texts as token ids.</param>
    /// <param name="encoder">The encoder to start from.</param>
    /// <param name="pca">The PCA rotation of the encoder's embeddings.</param>
    /// <param name="scale">
    /// What embeddings are divided by before the loss, so that learning rates of classifiers mean the same for encoders of any size.
    /// </param>
    public TransformerEncoderTrainer(TrainingTask task, TransformerTextEncoder encoder, LinearHead pca, double scale)
    {
        _task = task;
        TrainingPlan plan = task.Plan;
        Batches = task.CreateBatches(scale);
        Loss = task.CreateLoss();
        _encoder = encoder;
        _pca = pca;
        _scale = scale;
        _options = plan.Transformer;
        _roles = [.. task.Examples.Vectors.Keys.Where(role => role.IsEmbedded).Order()];
        _module = new TransformerModule(plan.StartingPoint == StartingPoint.Pca ? WithPca() : encoder.Model, _options.FrozenLayers);
        KeyValuePair<string, Parameter>[] learned = [.. _module.Learned];
        _learned = [.. learned.Select(p => p.Value)];
        Parameter[] ofLoss = [.. Loss.Parameters];
        double ratioOfDense = _options.DenseLearningRate / _options.LearningRate;
        _optimizer = new AdamW(
            [.. _learned, .. ofLoss], plan.Options.WeightDecay, _options.MaxGradientNorm,
            [.. learned.Select(p => TransformerModule.Decays(p.Key)), .. ofLoss.Select(_ => true)],
            [.. learned.Select(p => TransformerModule.IsDense(p.Key) ? ratioOfDense : 1), .. ofLoss.Select(_ => plan.RateOfLoss / _options.LearningRate)]);
    }

    public MatryoshkaLoss Loss { get; }

    public BatchBuilder Batches { get; }

    /// <summary>The encoder in its present state.</summary>
    internal TransformerModule Module => _module;

    public IEmbeddingSource Learned => new ModuleEmbeddings(Examples, _options.MiniBatchSize, PadId, _scale, batch => Narrowed(_module.Embed(batch)));

    public IEmbeddingSource Pca => new MappedEmbeddings(Examples, _pca);

    public IReadOnlyList<IOptimizerState> Optimizers => [_optimizer];

    private TrainingPlan Plan => _task.Plan;

    private ExampleSet Examples => _task.Examples;

    private int PadId => _encoder.Model.Config.PadId;

    public TransformerTextEncoder Train(MrlLog log, FitCall call)
    {
        TransformerConfig config = _encoder.Model.Config;
        double tokensOfText = _roles.Average(role => (double)((TransformerRows)Examples.Vectors[role]).Tokens / Examples.Count);
        double perToken = 3.0 * config.Layers * config.Hidden * (4 * config.Hidden + 2 * config.Intermediate);
        using ThreadLimit threads = ThreadLimit.ForSteps(perToken * tokensOfText * _roles.Length * _task.BatchSize);
        TrainingResult result = new FineTuner(_task, this, log, call).Run();
        TransformerModel model = result.Summary.Winner switch
        {
            TrainingWinner.Raw => ChangedModel.CutTo(_encoder.Model, Plan.OutputDimensions),
            TrainingWinner.Pca => WithPca(),
            _ => ModelOf(result.Weights),
        };
        // What it was trained at before, no longer holds.
        return new TransformerTextEncoder(model.WithoutTrainedDimensions(), Plan.Dimensions, result.Summary);
    }

    /// <summary>The loss of the rows of a batch; its gradient is added to the parameters'.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="weight">What the loss is multiplied by before it is differentiated; the loss returned is the product.</param>
    /// <param name="layer">The earlier layer that is trained too; null for none.</param>
    /// <param name="seedOfChunk">Gives the seed of a chunk's dropout; null for no dropout.</param>
    internal double Differentiate(ReadOnlySpan<int> rows, double weight = 1, int? layer = null, Func<int, ulong>? seedOfChunk = null)
    {
        int[] numbers = rows.ToArray();
        var chunks = new SortedChunks(
            [.. _roles.SelectMany(role => numbers.Select(row => ((TransformerRows)Examples.Vectors[role]).Ids(row).ToArray()))], PadId, _options.MiniBatchSize);
        return GradientCache.Backward(chunks, Embed, embeddings => LossOf(numbers, embeddings, layer).Times(weight));

        Tensor Embed(int chunk, TokenBatch batch)
        {
            TransformerConfig config = _encoder.Model.Config;
            using var generator = new Generator(seedOfChunk?.Invoke(chunk) ?? 0);
            EncoderDropout? dropout = seedOfChunk is null
                ? null
                : new EncoderDropout(_options.Dropout ?? config.HiddenDropout, _options.Dropout ?? config.AttentionDropout, generator);
            if (layer is not { } earlier)
            {
                return Narrowed(_module.Embed(batch, dropout));
            }
            (Tensor last, Tensor before) = _module.EmbedTwice(batch, earlier, dropout);
            return cat([Narrowed(last), Narrowed(before)], 1);
        }
    }

    public double Step(ReadOnlySpan<int> rows, double learningRate, int step)
    {
        var numbers = new StepNumbers(Plan.Seed, step);
        int batches = rows.Length / _task.BatchSize;
        int? layer = _options.AdaptiveLayers is null ? null : numbers.Between((_options.FrozenLayers ?? 0) + 1, _encoder.Layers - 1);
        double loss = 0;
        for (int i = 0; i < batches; i++)
        {
            int batch = i;
            loss += Differentiate(rows.Slice(i * _task.BatchSize, _task.BatchSize), 1.0 / batches, layer, chunk => numbers.SeedOf(batch, chunk));
        }
        if (!double.IsFinite(loss))
        {
            _optimizer.Drop();
            return double.NaN;
        }
        return _optimizer.Step(learningRate) ? loss : double.NaN;
    }

    public float[][] TakeWeights() => WeightCopies.Take(_learned);

    public void PutWeights(float[][] weights) => WeightCopies.Put(_learned, weights);

    public void Dispose()
    {
        _module.Dispose();
        Loss.Dispose();
    }

    private Tensor Narrowed(Tensor embeddings) => embeddings.narrow(1, 0, Plan.OutputDimensions).Times(1 / _scale);

    private Tensor LossOf(int[] rows, Tensor embeddings, int? layer)
    {
        int width = Plan.OutputDimensions;
        if (layer is null)
        {
            return NestedLoss(rows, embeddings);
        }
        AdaptiveLayerOptions options = _options.AdaptiveLayers!;
        (Tensor last, Tensor before) = (embeddings.narrow(1, 0, width), embeddings.narrow(1, width, width));
        Tensor loss = NestedLoss(rows, last).Plus(NestedLoss(rows, before).Times(options.PriorLayersWeight));
        return options.DivergenceWeight == 0 ? loss : loss.Plus(LayerDivergence.Of(last, before, options.DivergenceTemperature).Times(options.DivergenceWeight));
    }

    private Tensor NestedLoss(int[] rows, Tensor embeddings)
    {
        Tensor[] parts = _roles.Length == 1 ? [embeddings] : embeddings.split(rows.Length);
        return Loss.Forward(Batches.Build(rows, role => parts[Array.IndexOf(_roles, role)]));
    }

    /// <summary>The encoder as it came with the rotation behind it; rescaled where the encoder does that and nothing is cut off.</summary>
    private TransformerModel WithPca() => ChangedModel.WithDense(_encoder.Model, _pca, _encoder.IsNormalized && Plan.OutputDimensions == _encoder.Dimensions);

    private TransformerModel ModelOf(float[][] weights)
    {
        PutWeights(weights);
        return ChangedModel.CutTo(_module.ToModel(), Plan.OutputDimensions);
    }
}

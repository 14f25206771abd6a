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
    private readonly TransformerTextEncoder _encoder;
    private readonly EmbeddingHead _map;
    private readonly double _scale;
    private readonly VectorRole[] _roles;
    private readonly TransformerTrainingOptions _options;
    private readonly TransformerModule _module;
    private readonly Parameter[] _learned;
    private readonly AdamW _optimizer;

    /// <param name="task">What is to be learned, from texts as token ids.</param>
    /// <param name="encoder">The encoder to start from.</param>
    /// <param name="map">The PCA rotation of the encoder's embeddings, or the head that was trained on them.</param>
    /// <param name="scale">
    /// What embeddings are divided by before the loss, so that learning rates of classifiers mean the same for encoders of any size.
    /// </param>
    /// <param name="startsAtMap">Whether the map is behind the encoder and learns with it.</param>
    public TransformerEncoderTrainer(TrainingTask task, TransformerTextEncoder encoder, EmbeddingHead map, double scale,
        bool startsAtMap = false)
    {
        Task = task;
        TrainingPlan plan = task.Plan;
        Batches = task.CreateBatches(scale);
        Loss = task.CreateLoss();
        _encoder = encoder;
        _map = map;
        _scale = scale;
        _options = plan.Transformer;
        _roles = [.. task.Examples.Vectors.Keys.Where(role => role.IsEmbedded).Order()];
        _module = !startsAtMap || map.Training?.Winner == TrainingWinner.Raw ? new TransformerModule(encoder.Model, _options.FrozenLayers)
            : map is ResidualHead residual ? new TransformerModule(encoder.Model, _options.FrozenLayers, residual, Normalizes)
            : new TransformerModule(WithHead(map), _options.FrozenLayers);
        KeyValuePair<string, Parameter>[] learned = [.. _module.Learned];
        _learned = [.. learned.Select(p => p.Value)];
        Parameter[] ofLoss = [.. Loss.Parameters];
        double ratioOfDense = _options.DenseLearningRate / _options.LearningRate;
        _optimizer = new AdamW(
            [.. _learned, .. ofLoss], plan.Options.WeightDecay, _options.MaxGradientNorm,
            [.. learned.Select(p => TransformerModule.Decays(p.Key)), .. ofLoss.Select(_ => true)],
            [.. learned.Select(p => TransformerModule.IsDense(p.Key) ? ratioOfDense : 1),
                .. ofLoss.Select(_ => plan.RateOfLoss / _options.LearningRate)]);
    }

    public TrainingTask Task { get; }

    public MatryoshkaLoss Loss { get; }

    public BatchBuilder Batches { get; }

    /// <summary>The encoder in its present state.</summary>
    internal TransformerModule Module => _module;

    public IEmbeddingSource Learned =>
        new ModuleEmbeddings(Examples, _options.MiniBatchSize, PadId, _scale, batch => Narrowed(_module.Embed(batch)));

    public IEmbeddingSource Pca => new MappedEmbeddings(Examples, _map);

    public string PcaName => Frozen is null ? "PCA" : "frozen-head";

    // What is measured by the vectors themselves cannot lead where these are whole.
    public bool MustLeadEverywhere => Frozen is not null && !Plan.Options.Objective.IsMeasuredByInputs;

    public IReadOnlyList<IOptimizerState> Optimizers => [_optimizer];

    /// <summary>How the head was trained that this starts from; null where it starts from none.</summary>
    private TrainingSummary? Frozen => FrozenOutcome.LearnedIn(_map);

    private TrainingPlan Plan => Task.Plan;

    private ExampleSet Examples => Task.Examples;

    /// <summary>Whether what a map behind the encoder gives is rescaled: where the encoder does that and nothing is cut off.</summary>
    private bool Normalizes => _encoder.IsNormalized && Plan.OutputDimensions == _encoder.Dimensions;

    private int PadId => _encoder.Model.Config.PadId;

    /// <summary>Trains.</summary>
    /// <param name="log">Is told every epoch's scores, and the verdict.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    /// <param name="start">The head that the encoder starts from; null where it starts from none.</param>
    public TransformerTextEncoder Train(MrlLog log, FitCall call, FrozenHead? start = null)
    {
        TransformerConfig config = _encoder.Model.Config;
        double tokensOfText = _roles.Average(role => (double)((TransformerRows)Examples.Vectors[role]).Tokens / Examples.Count);
        double perToken = 3.0 * config.Layers * config.Hidden * (4 * config.Hidden + 2 * config.Intermediate);
        using ThreadLimit threads = ThreadLimit.ForSteps(perToken * tokensOfText * _roles.Length * Task.BatchSize);
        if (Frozen is not null)
        {
            LossAlone.Learn(this, _map, Normalizes, _scale, call.Cancellation);
        }
        TrainingResult result = new FineTuner([this], start is null ? log : log.About("The encoder"), call).Run();
        var outcome = FrozenOutcome.Of(result.Summary, _map, start, this);
        TransformerModel model = outcome.Winner switch
        {
            TrainingWinner.Raw => ChangedModel.CutTo(_encoder.Model, Plan.OutputDimensions),
            TrainingWinner.Pca => WithHead(outcome.Map),
            _ => ModelOf(result.Weights),
        };
        // What it was trained at before, no longer holds.
        return new TransformerTextEncoder(model.WithoutTrainedDimensions(), Plan.Dimensions, outcome.Summary);
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
            [.. _roles.SelectMany(role => numbers.Select(row => ((TransformerRows)Examples.Vectors[role]).Ids(row).ToArray()))],
                PadId, _options.MiniBatchSize);
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
        int batches = rows.Length / Task.BatchSize;
        int? layer = _options.AdaptiveLayers is null ? null : numbers.Between((_options.FrozenLayers ?? 0) + 1, _encoder.Layers - 1);
        double loss = 0;
        for (int i = 0; i < batches; i++)
        {
            int batch = i;
            loss += Differentiate(rows.Slice(i * Task.BatchSize, Task.BatchSize), 1.0 / batches, layer,
                chunk => numbers.SeedOf(batch, chunk));
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
        return options.DivergenceWeight == 0 ? loss
            : loss.Plus(LayerDivergence.Of(last, before, options.DivergenceTemperature).Times(options.DivergenceWeight));
    }

    private Tensor NestedLoss(int[] rows, Tensor embeddings)
    {
        Tensor[] parts = _roles.Length == 1 ? [embeddings] : embeddings.split(rows.Length);
        return Loss.Forward(Batches.Build(rows, role => parts[Array.IndexOf(_roles, role)]));
    }

    private TransformerModel WithHead(EmbeddingHead head) => ChangedModel.WithHead(_encoder.Model, head, Normalizes);

    private TransformerModel ModelOf(float[][] weights)
    {
        PutWeights(weights);
        return ChangedModel.CutTo(_module.ToModel(), Plan.OutputDimensions);
    }
}

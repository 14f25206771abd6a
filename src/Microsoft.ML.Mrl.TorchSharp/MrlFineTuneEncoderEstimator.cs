using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents an estimator that fine-tunes a text encoder, so that the prefixes of its embeddings work alone.
/// <c>mlContext.Transforms.MrlFineTuneEncoder(...)</c> creates it.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Text |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl.TorchSharp, and a libtorch package such as TorchSharp-cpu |
/// | Exportable to ONNX | No |
/// ]]></format>
/// <para>
/// First, a head is trained on the encoder's embeddings of the training rows, as <c>MrlFineTune</c> does with its defaults. Then the
/// encoder is trained together with that head. If the result is not better on the validation rows than the head on the frozen encoder,
/// beyond noise in the mean and at no dimension worse, be it within noise, the head is trained again, on all rows, and the frozen encoder
/// with that head is returned. The verdict says so, and names the dimension at which learning was furthest behind. If a
/// <see cref="MrlTrainingOptions.StartingPoint"/> is given, no head is trained first, and the result is compared with the raw and the PCA
/// prefix.
/// </para>
/// <para>
/// Of a static encoder, the table of token vectors is trained. The head is linear, so the table takes it up: the mean of mapped rows is the
/// mapped mean. Each step changes only the rows of the tokens in its texts. AdamW counts the moments and steps of each row separately, and
/// weight decay pulls a row towards its starting point. With a <see cref="MrlTrainingOptions.TrainTime"/>, no head is trained first, and
/// the table starts at the PCA rotation of the embeddings. Memory holds the texts as tokens, their embeddings, and six copies of the rows of
/// the table that they use.
/// </para>
/// <para>
/// For a transformer, all weights are trained, or those that <see cref="TransformerTrainingOptions.FrozenLayers"/> does not exclude, with
/// dropout. The head is saved as Dense layers: one, or two if it is residual. If a starting point is given, the fitted encoder cuts its
/// embeddings (<c>truncate_dim</c> of its folder) if the output is narrower than the encoder, and has the PCA rotation as a Dense layer if
/// the PCA prefix wins or is the starting point. The fitted encoder runs with ONNX Runtime, and its folder is one of sentence-transformers.
/// Trained weights are stored in single precision. Memory holds the texts as token ids, six copies of the trained weights, and the
/// embeddings of the texts.
/// </para>
/// <para>
/// The epoch with the best validation score over all dimensions is kept. If the result does not pass <see cref="MrlTrainingOptions.Gate"/>,
/// what it was compared with is returned, and the log says so. The same seed on the same machine gives the same bytes; for a transformer,
/// the number of libtorch's threads must be the same, too. Fitted encoders do not need libtorch.
/// </para>
/// </remarks>
public sealed class MrlFineTuneEncoderEstimator : IEstimator<EncodeTextTransformer>
{
    /// <summary>A transformer has to run for each of them.</summary>
    private const int MaxRowsOfPca = 20_000;

    private const double FractionOfFewRows = 0.2;

    private readonly IHost _host;
    private readonly MrlFineTuneEncoderOptions _options;
    private readonly TextEncoder _encoder;
    private readonly (string Output, string Input)[] _columns;

    internal MrlFineTuneEncoderEstimator(IHostEnvironment environment, MrlFineTuneEncoderOptions options)
    {
        OptionsCheck.Throw(options);
        _encoder = options.Encoder is StaticTextEncoder or TransformerTextEncoder
            ? options.Encoder
            : throw new NotSupportedException(
                $"Cannot fine-tune an encoder of kind '{options.Encoder.Kind}'. Static encoders and transformers can be fine-tuned; " +
                "train a head on the embeddings of others with MrlFineTune.");
        _host = environment.Register(nameof(MrlFineTuneEncoderEstimator));
        _options = options;
        _columns = [(options.OutputColumnName, options.InputColumnName ?? options.OutputColumnName)];
    }

    /// <summary>Trains the encoder. The columns are read once.</summary>
    /// <param name="input">The training data, with the text column and the objective's columns.</param>
    /// <param name="validation">
    /// Rows to choose the best epoch and the winner by, with the same columns as the training data. All of them are held back, and
    /// <see cref="MrlTrainingOptions.ValidationFraction"/> is not used. A class that no training row has counts as wrong.
    /// <see langword="null"/> to hold back a share of the training data.
    /// </param>
    /// <param name="progress">
    /// Receives the state of the training, on a thread that trains, after every epoch and at most ten times a second in between. Of several
    /// candidates that train side by side, it receives that of the first; it is never called twice at once. The default is
    /// <see langword="null"/>.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the training early. The best encoder so far is returned, and its summary says that the training was canceled.
    /// </param>
    /// <returns>The transformer with the fine-tuned encoder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, in <paramref name="input"/> or <paramref name="validation"/>, or the dimensions do not fit
    /// the encoder's width.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The data cannot be learned from: it has fewer than two usable rows, a single class, or no text with a known token. Or
    /// <see cref="ResumeMode.Required"/> is set and no checkpoint fits.
    /// </exception>
    /// <exception cref="IOException">
    /// <see cref="MrlTrainingOptions.CheckpointFolder"/> cannot be created or written to, another training uses it, or the disk has no room
    /// for the data beyond <see cref="MrlTrainingOptions.MemoryBudget"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <c>MLContext.GpuDeviceId</c> is set and <c>MLContext.FallbackToCpu</c> is false. Encoders are trained on the CPU.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The training was canceled before there was a result, while rows were being read.
    /// </exception>
    /// <exception cref="LibTorchLoadException">libtorch cannot be loaded.</exception>
    public EncodeTextTransformer Fit(
        IDataView input, IDataView? validation = null, IProgress<MrlProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        var call = new FitCall(validation, progress, cancellationToken);
        TextSchema.FindText(input.Schema, _columns[0].Input);
        TrainingPlan plan = TrainingPlan.For(_options, _encoder.Dimensions, _options.Seed ?? MrlEnvironment.SeedOf(_host) ?? 0);
        LibTorch.EnsureLoaded();
        using var log = new MrlLog(_host, nameof(MrlFineTuneEncoderEstimator));
        TrainingDevice.Check(_host, log);
        call.Begin(MrlPhase.Reading, plan);
        if (plan.Narrowed)
        {
            log.Info(
                $"The encoder has {_encoder.Dimensions} values, so the output has {plan.OutputDimensions}. " +
                $"Set {nameof(MrlTrainingOptions.OutputDimensions)} to choose.");
        }
        TextEncoder trained = _encoder is StaticTextEncoder table
            ? TrainTable(plan, RowPerToken.Of(table), input, log, call)
            : TrainTransformer(plan, (TransformerTextEncoder)_encoder, input, log, call);
        return new EncodeTextTransformer(_host, _columns, trained);
    }

    EncodeTextTransformer IEstimator<EncodeTextTransformer>.Fit(IDataView input) => Fit(input);

    /// <summary>Returns the schema after this step.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape result = TextSchema.AfterEncoding(_host, inputSchema, _columns, IsNormalized(), isTrained: true);
        RoleColumns roles = _options.Objective.Columns;
        foreach ((VectorRole role, string name) in roles.Vectors)
        {
            if (role.IsEmbedded)
            {
                TextSchema.RequireText(_host, inputSchema, name, role.ToString());
            }
            else
            {
                EmbeddingSchema.FindEmbedding(_host, inputSchema, name, role.ToString());
            }
        }
        roles.RequireSupervision(_host, inputSchema);
        return result;
    }

    /// <summary>Whether the fitted encoder's embeddings have unit length: a transformer's not where they are cut.</summary>
    private bool IsNormalized() => _encoder is StaticTextEncoder table
        ? table.Content.IsNormalized
        : _encoder.IsNormalized && TrainingPlan.For(_options, _encoder.Dimensions, seed: 0).OutputDimensions == _encoder.Dimensions;

    private StaticTextEncoder TrainTable(TrainingPlan plan, StaticTextEncoder start, IDataView input, MrlLog log, FitCall call)
    {
        var touched = new TouchedRows(start.Content.Table, start.Dimensions);
        var storage = RowStorage.Of(_options.MemoryBudget, _options.TempFolder);
        using ExampleSet examples = Read(input, plan, storage, new TextTokens(start, touched), log, call);
        CheckTexts(((TokenRows)examples.Anchors).CountEmpty(), examples.Count, "a token that the encoder knows", "zeros", log);
        (ExampleSplit split, Random random) = Split(plan, examples, log, call);
        if (plan.StartsFromHead)
        {
            var scoring = ScoringRows.Choose(split, random);
            // Of a linear head, and of no other, the mean of what it makes of rows is what it makes of their mean.
            using FrozenHead frozen = FrozenHead.Train(plan, examples, split, random, storage, log, call, HeadKind.Linear);
            using var started = new StaticEncoderTrainer(
                new TrainingTask(plan, examples, split, scoring), start, touched, (LinearHead)frozen.Head, frozen.ScaleOfHead);
            return started.Train(log, call, frozen);
        }
        (LinearHead pca, double scale) = PooledPca.Of(examples, split.Training, plan, random, storage);
        var task = new TrainingTask(plan, examples, split, ScoringRows.Choose(split, random));
        using var trainer = new StaticEncoderTrainer(task, start, touched, pca, scale);
        return trainer.Train(log, call);
    }

    private TransformerTextEncoder TrainTransformer(TrainingPlan plan, TransformerTextEncoder start, IDataView input, MrlLog log,
        FitCall call)
    {
        var storage = RowStorage.Of(_options.MemoryBudget, _options.TempFolder);
        using ExampleSet examples = Read(input, plan, storage, new TransformerColumns(start), log, call);
        CheckTexts(((TransformerRows)examples.Anchors).CountEmpty(), examples.Count, "a token besides those that every text has",
            "that of an empty text", log);
        (ExampleSplit split, Random random) = Split(plan, examples, log, call);
        if (_options.StartingPoint is null)
        {
            var scoring = ScoringRows.Choose(split, random);
            using FrozenHead frozen = FrozenHead.Train(plan, examples, split, random, storage, log, call);
            using var started = new TransformerEncoderTrainer(
                new TrainingTask(plan, examples, split, scoring), start, frozen.Head, frozen.Scale, startsAtMap: true);
            return started.Train(log, call, frozen);
        }
        (LinearHead pca, double scale) = PooledPca.Of(
            examples, split.Training, plan, random, storage, MaxRowsOfPca, call.Progress, call.Cancellation);
        var task = new TrainingTask(plan, examples, split, ScoringRows.Choose(split, random));
        using var trainer = new TransformerEncoderTrainer(task, start, pca, scale, plan.StartingPoint == StartingPoint.Pca);
        return trainer.Train(log, call);
    }

    private ExampleSet Read(IDataView input, TrainingPlan plan, RowStorage storage, ITextColumns texts, MrlLog log, FitCall call)
    {
        ExampleSet examples = ExampleReader.Read(input, call.Validation, _columns[0].Input, _options.Objective.Columns, storage, texts,
            call.Cancellation);
        ExampleCheck.Throw(examples, plan, call, log);
        return examples;
    }

    private void CheckTexts(int empty, int count, string what, string embeddings, MrlLog log)
    {
        string column = _columns[0].Input;
        if (empty == count)
        {
            throw new InvalidOperationException(
                $"None of the {count} texts of column '{column}' has {what}. Is it an encoder of another language, or a column of codes?");
        }
        if (empty > 0)
        {
            log.Warning($"{empty} of {count} texts of column '{column}' do not have {what}; their embeddings are {embeddings}.");
        }
    }

    private (ExampleSplit Split, Random Random) Split(TrainingPlan plan, ExampleSet examples, MrlLog log, FitCall call)
    {
        var random = new Random(plan.Seed);
        call.Begin(MrlPhase.Starting, plan);
        double fraction = _options.ValidationFraction is null && examples.Count <= TrainingPlan.FewRows ? FractionOfFewRows
            : _options.HeldBackFraction;
        return (ExampleSplit.Make(examples, fraction, random, log), random);
    }
}

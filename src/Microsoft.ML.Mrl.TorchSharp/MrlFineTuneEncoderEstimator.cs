using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Native;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Fine-tunes a text encoder so that the prefixes of its embeddings work alone. Comes from <c>mlContext.Transforms.MrlFineTuneEncoder(...)</c>.</summary>
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
/// A static encoder's table is what learns: each step changes the rows of the tokens in its texts and no others, by AdamW whose moments and steps are counted for
/// each row, and weight decay pulls a row towards where it started. It starts at the PCA rotation of the untrained encoder's embeddings unless
/// <see cref="MrlFineTuneOptions.StartingPoint"/> says otherwise. The epoch that does best on the rows held back, over all dimensions, is kept; where it beats neither the
/// untrained encoder's prefix nor its PCA prefix, the better of those is returned and the log says so.
/// The same seed on the same machine gives the same bytes. The fitted transformer is managed code and needs no libtorch. Texts are kept in memory as tokens,
/// and so are the rows of the table that they use, six times over.
/// </remarks>
public sealed class MrlFineTuneEncoderEstimator : IEstimator<EncodeTextTransformer>
{
    private readonly IHost _host;
    private readonly MrlFineTuneOptions _options;
    private readonly StaticTextEncoder _encoder;
    private readonly (string Output, string Input)[] _columns;

    internal MrlFineTuneEncoderEstimator(IHostEnvironment environment, MrlFineTuneOptions options)
    {
        OptionsCheck.Throw(options);
        ArgumentNullException.ThrowIfNull(options.Encoder);
        if (options.CheckpointFolder is not null)
        {
            throw new NotSupportedException($"Checkpoints of an encoder's training cannot be saved yet. Leave {nameof(options.CheckpointFolder)} out.");
        }
        _encoder = options.Encoder as StaticTextEncoder
            ?? throw new NotSupportedException($"Cannot fine-tune an encoder of kind '{options.Encoder.Kind}'. Static encoders can be fine-tuned; train a head on the embeddings of others with MrlFineTune.");
        _host = environment.Register(nameof(MrlFineTuneEncoderEstimator));
        _options = options;
        _columns = [(options.OutputColumnName, options.InputColumnName ?? options.OutputColumnName)];
    }

    /// <summary>Reads the needed columns once and trains.</summary>
    /// <param name="input">Data with the text column and the objective's columns.</param>
    /// <returns>The transformer with the fine-tuned encoder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, here or in <see cref="MrlFineTuneOptions.ValidationData"/>, or the dimensions do not fit the encoder's width.</exception>
    /// <exception cref="InvalidOperationException">The data cannot be learned from: fewer than two usable rows, a single class, no text with a known token.</exception>
    /// <exception cref="NotSupportedException"><c>MLContext.GpuDeviceId</c> is set and <c>MLContext.FallbackToCpu</c> is false: encoders are trained on the processor.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while rows were still being read, when there was nothing to keep yet.</exception>
    /// <exception cref="TempSpaceException">The embeddings exceed <see cref="MrlFineTuneOptions.MemoryBudget"/> and the disk has no room for the rest.</exception>
    /// <exception cref="LibTorchLoadException">libtorch cannot be loaded.</exception>
    public EncodeTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        string column = _columns[0].Input;
        TextSchema.FindText(input.Schema, column);
        TrainingPlan plan = TrainingPlan.For(_options, _encoder.Dimensions, _options.Seed ?? MrlEnvironment.SeedOf(_host) ?? 0);
        LibTorch.EnsureLoaded();
        using var log = new MrlLog(_host, nameof(MrlFineTuneEncoderEstimator));
        TrainingDevice.Check(_host, log);
        _options.Progress?.Report(new MrlProgress { Phase = MrlPhase.Reading, Epochs = _options.Epochs });
        StaticTextEncoder start = RowPerToken.Of(_encoder);
        var touched = new TouchedRows(start.Content.Table, start.Dimensions);
        RowStorage storage = RowStorage.Of(_options.MemoryBudget, _options.TempFolder);
        using ExampleSet examples = ExampleReader.Read(
            input, _options.ValidationData, column, _options.Objective.Columns, storage, new TextTokens(start, touched), _options.CancellationToken);
        ExampleCheck.Throw(examples, _options, log);
        CheckTokens(examples, column, log);
        if (plan.Narrowed)
        {
            log.Info($"The encoder has {start.Dimensions} values, so the output has {plan.OutputDimensions}. Set {nameof(MrlFineTuneOptions.OutputDimensions)} to choose.");
        }
        return new EncodeTextTransformer(_host, _columns, Train(plan, start, touched, examples, storage, log));
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape result = TextSchema.AfterEncoding(_host, inputSchema, _columns, _encoder.IsNormalized, isTrained: true);
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

    private static void CheckTokens(ExampleSet examples, string column, MrlLog log)
    {
        int empty = ((TokenRows)examples.Anchors).CountEmpty();
        if (empty == examples.Count)
        {
            throw new InvalidOperationException($"None of the {examples.Count} texts of column '{column}' has a token that the encoder knows. Is it an encoder of another language, or a column of codes?");
        }
        if (empty > 0)
        {
            log.Warning($"{empty} of {examples.Count} texts of column '{column}' have no token that the encoder knows; their embeddings are zeros.");
        }
    }

    private StaticTextEncoder Train(TrainingPlan plan, StaticTextEncoder start, TouchedRows touched, ExampleSet examples, RowStorage storage, MrlLog log)
    {
        var random = new Random(plan.Seed);
        _options.Progress?.Report(new MrlProgress { Phase = MrlPhase.Starting, Epochs = _options.Epochs });
        ExampleSplit split = ExampleSplit.Make(examples, _options.ValidationFraction, random);
        LinearHead pca = PooledPca.Of(examples, plan, random, storage, out double scale);
        using var trainer = new StaticEncoderTrainer(plan, start, touched, examples, split, pca, scale, random, log);
        return trainer.Train();
    }
}

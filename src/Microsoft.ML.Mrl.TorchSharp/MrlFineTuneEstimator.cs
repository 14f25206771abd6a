using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Trains a Matryoshka head on an embedding column. Comes from <c>mlContext.Transforms.MrlFineTune(...)</c>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of <xref:System.Single>, dense or sparse |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl.TorchSharp, and a libtorch package such as TorchSharp-cpu |
/// | Exportable to ONNX | Yes |
/// ]]></format>
/// The head is linear, y = x W + b, unless <see cref="MrlFineTuneOptions.Head"/> says otherwise, and starts as the PCA rotation of the training rows. The epoch that does best on the rows held back, over all
/// dimensions, is kept; where neither beats the vectors as they came, or their PCA prefix, those are returned and the log says so.
/// The same seed on the same machine gives the same bytes, with one thread or several. The fitted transformer is managed code and needs no libtorch.
/// </remarks>
public sealed class MrlFineTuneEstimator : IEstimator<MrlTransformer>
{
    private readonly IHost _host;
    private readonly MrlFineTuneOptions _options;
    private readonly (string Output, string Input)[] _columns;

    internal MrlFineTuneEstimator(IHostEnvironment environment, MrlFineTuneOptions options)
    {
        OptionsCheck.Throw(options);
        if (options.Encoder is not null)
        {
            throw new ArgumentException($"{nameof(options.Encoder)} is set, but MrlFineTune trains a head on vectors. Use MrlFineTuneEncoder, or leave it out.", nameof(options));
        }
        _host = environment.Register(nameof(MrlFineTuneEstimator));
        _options = options;
        _columns = [(options.OutputColumnName, options.InputColumnName ?? options.OutputColumnName)];
    }

    /// <summary>Reads the needed columns once and trains.</summary>
    /// <param name="input">Data with the input column and the objective's columns.</param>
    /// <returns>The transformer with the trained head.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, here or in <see cref="MrlFineTuneOptions.ValidationData"/>, or the dimensions or the kind of head do not fit the input's width.
    /// </exception>
    /// <exception cref="InvalidOperationException">The data cannot be learned from: fewer than two usable rows, a single class, a value that is not finite or above 1e15 in size (the message names the row).</exception>
    /// <exception cref="NotSupportedException"><c>MLContext.GpuDeviceId</c> is set and <c>MLContext.FallbackToCpu</c> is false: heads are trained on the processor.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while rows were still being read, when there was nothing to keep yet.</exception>
    /// <exception cref="IOException">The data exceeds <see cref="MrlFineTuneOptions.MemoryBudget"/> and the disk has no room for the rest.</exception>
    /// <exception cref="LibTorchLoadException">libtorch cannot be loaded.</exception>
    public MrlTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        (string Output, string Input) = _columns[0];
        (_, int width) = EmbeddingSchema.FindEmbedding(input.Schema, Input);
        TrainingPlan plan = TrainingPlan.For(_options, width, _options.Seed ?? MrlEnvironment.SeedOf(_host) ?? 0);
        LibTorch.EnsureLoaded();
        using var log = new MrlLog(_host, nameof(MrlFineTuneEstimator));
        TrainingDevice.Check(_host, log);
        _options.Progress?.Report(new MrlProgress { Phase = MrlPhase.Reading, Epochs = _options.Epochs });
        RowStorage storage = RowStorage.Of(_options.MemoryBudget, _options.TempFolder);
        using ExampleSet examples = ExampleReader.Read(input, _options.ValidationData, Input, _options.Objective.Columns, storage, _options.CancellationToken);
        ExampleCheck.Throw(examples, _options, log);
        if (plan.Narrowed)
        {
            log.Info($"Column '{Input}' has {width} values, so the output has {plan.OutputDimensions}. Set {nameof(MrlFineTuneOptions.OutputDimensions)} to choose.");
        }
        return new MrlTransformer(_host, _columns, Train(plan, examples, storage, log));
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not a known-size vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape result = EmbeddingSchema.AfterHead(_host, inputSchema, _columns);
        RoleColumns roles = _options.Objective.Columns;
        foreach ((VectorRole role, string name) in roles.Vectors)
        {
            EmbeddingSchema.FindEmbedding(_host, inputSchema, name, role.ToString());
        }
        roles.RequireSupervision(_host, inputSchema);
        return result;
    }

    private EmbeddingHead Train(TrainingPlan plan, ExampleSet examples, RowStorage storage, MrlLog log)
    {
        var random = new Random(plan.Seed);
        _options.Progress?.Report(new MrlProgress { Phase = MrlPhase.Starting, Epochs = _options.Epochs });
        ExampleSplit split = ExampleSplit.Make(examples, _options.ValidationFraction, random);
        using TrainingSpace space = TrainingSpace.Of(examples, plan.OutputDimensions, random, storage, split.Training);
        using var trainer = new HeadTrainer(plan, examples, split, space, random, log);
        return trainer.Train();
    }
}

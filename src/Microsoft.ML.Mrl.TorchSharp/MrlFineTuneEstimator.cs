using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Folds;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents an estimator that trains a Matryoshka head on an embedding column. <c>mlContext.Transforms.MrlFineTune(...)</c> creates it.
/// </summary>
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
/// <para>
/// By default, the head starts as the PCA rotation of the training rows. If the options leave the kind of head or the learning rate open,
/// several of them are trained for a few epochs, and the best two for all epochs, which takes as long as about three trainings. The
/// validation rows choose among all of them, and among weights between the starting point and the learned ones (Wortsman et al. 2022,
/// arXiv:2109.01903). The result is compared with the raw vectors and with their PCA prefix at every dimension. If it does not pass
/// <see cref="MrlTrainingOptions.Gate"/>, the better of those two is returned, and the log says so.
/// </para>
/// <para>
/// With at most 2,500 rows and no validation rows of their own, every row is held back once, in three parts or, up to 500 rows, in five,
/// and the chosen training is then repeated on all rows. This takes as long as about four trainings, and about thirteen up to 500 rows.
/// </para>
/// <para>
/// The same seed on the same machine gives the same bytes, with any number of threads. The fitted transformer is managed code and does not
/// need libtorch.
/// </para>
/// </remarks>
public sealed class MrlFineTuneEstimator : IEstimator<MrlTransformer>
{
    private readonly IHost _host;
    private readonly MrlFineTuneOptions _options;
    private readonly (string Output, string Input)[] _columns;

    internal MrlFineTuneEstimator(IHostEnvironment environment, MrlFineTuneOptions options)
    {
        OptionsCheck.Throw(options);
        _host = environment.Register(nameof(MrlFineTuneEstimator));
        _options = options;
        _columns = [(options.OutputColumnName, options.InputColumnName ?? options.OutputColumnName)];
    }

    /// <summary>Trains the head. The columns are read once.</summary>
    /// <param name="input">The training data, with the input column and the objective's columns.</param>
    /// <param name="validation">
    /// Rows to choose the best epoch and the winner by, with the same columns as the training data, made by the same steps before this one.
    /// All of them are held back, and <see cref="MrlTrainingOptions.ValidationFraction"/> is not used. A class that no training row has
    /// counts as wrong. <see langword="null"/> to hold back a share of the training data.
    /// </param>
    /// <param name="progress">
    /// Receives the state of the training, on a thread that trains, after every epoch and at most ten times a second in between. Of several
    /// candidates that train side by side, it receives that of the first; it is never called twice at once. The default is
    /// <see langword="null"/>.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the training early. The best head so far is returned, and its summary says that the training was canceled.
    /// </param>
    /// <returns>The transformer with the trained head.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, in <paramref name="input"/> or <paramref name="validation"/>, or the dimensions or the
    /// kind of head do not fit the input's width.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The data cannot be learned from: it has fewer than two usable rows, a single class, or a value that is not finite or above 1e15 in
    /// size (the message names the row). Or <see cref="ResumeMode.Required"/> is set and no checkpoint fits.
    /// </exception>
    /// <exception cref="IOException">
    /// <see cref="MrlTrainingOptions.CheckpointFolder"/> cannot be created or written to, another training uses it, or the disk has no room
    /// for the data beyond <see cref="MrlTrainingOptions.MemoryBudget"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// <c>MLContext.GpuDeviceId</c> is set and <c>MLContext.FallbackToCpu</c> is false. Heads are trained on the CPU.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The training was canceled before there was a result, while rows were being read.
    /// </exception>
    /// <exception cref="LibTorchLoadException">libtorch cannot be loaded.</exception>
    public MrlTransformer Fit(
        IDataView input, IDataView? validation = null, IProgress<MrlProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        var call = new FitCall(validation, progress, cancellationToken);
        (string Output, string Input) = _columns[0];
        (_, int width) = EmbeddingSchema.FindEmbedding(input.Schema, Input);
        TrainingPlan plan = TrainingPlan.For(_options, width, _options.Seed ?? MrlEnvironment.SeedOf(_host) ?? 0);
        LibTorch.EnsureLoaded();
        using var log = new MrlLog(_host, nameof(MrlFineTuneEstimator));
        TrainingDevice.Check(_host, log);
        call.Begin(MrlPhase.Reading, plan);
        RowStorage storage = RowStorage.Of(_options.MemoryBudget, _options.TempFolder);
        using ExampleSet examples = ExampleReader.Read(input, validation, Input, _options.Objective.Columns, storage, cancellationToken);
        ExampleCheck.Throw(examples, plan, call, log);
        if (plan.Narrowed)
        {
            log.Info(
                $"Column '{Input}' has {width} values, so the output has {plan.OutputDimensions}. Set " +
                $"{nameof(MrlTrainingOptions.OutputDimensions)} to choose.");
        }
        return new MrlTransformer(_host, _columns, HeadTraining.Run(plan, examples, storage, log, call));
    }

    MrlTransformer IEstimator<MrlTransformer>.Fit(IDataView input) => Fit(input);

    /// <summary>Returns the schema after this step.</summary>
    /// <param name="inputSchema">The schema before it.</param>
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
}

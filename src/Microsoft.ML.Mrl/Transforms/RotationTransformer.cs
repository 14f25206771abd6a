using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RotationTransformer), null, typeof(SignatureLoadModel), "Embedding Rotation",
    RotationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(RotationTransformer), null, typeof(SignatureLoadRowMapper), "Embedding Rotation",
    RotationTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a fitted rotation of an embedding column, either to its principal components (PcaRotate) or to the directions that separate
/// classes (DiscriminantRotate).
/// </summary>
/// <remarks>The rotation is the linear head y = (x − mean) W, so it is saved, exported and cut like any other head.</remarks>
public sealed class RotationTransformer : MrlTransformer
{
    internal new const string LoaderSignature = "MrlRotation";
    private const string VarianceStream = "Variance.bin";
    private const byte FrameVersion = 1;

    private readonly double[] _mean;
    private readonly double[] _explained;
    private readonly double _total;

    /// <param name="environment">The environment.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="mean">The mean, <c>[D]</c>.</param>
    /// <param name="directions">The directions, one in each row, <c>[R, D]</c>.</param>
    /// <param name="explained">The variance along each, <c>[R]</c>.</param>
    /// <param name="total">The variance along all directions.</param>
    internal RotationTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, double[] mean, double[] directions,
        double[] explained, double total)
        : base(environment.Register(nameof(RotationTransformer)), columns, HeadOf(mean, directions))
    {
        _mean = mean;
        _explained = explained;
        _total = total;
    }

    private RotationTransformer(IHost host, BinaryReader settings, ModelLoadContext context)
        : base(host, settings, context)
    {
        // *** Binary format ***
        // <base: column pairs, stream Head.bin>
        // stream Variance.bin: a checksummed frame named MRLROTA with the mean, the explained variances and their total
        double[] mean = [], explained = [];
        double total = 0;
        host.CheckDecode(Head is LinearHead);
        host.CheckDecode(context.TryLoadBinaryStream(VarianceStream, reader =>
        {
            long bytes = (long)sizeof(double) * (Head.InputDimensions + Head.OutputDimensions + 1);
            ChecksummedFrame.Read(reader.BaseStream, Magic, (FrameVersion, FrameVersion), "rotation", bytes, (values, _) =>
            {
                mean = [.. Enumerable.Range(0, Head.InputDimensions).Select(_ => values.ReadDouble())];
                explained = [.. Enumerable.Range(0, Head.OutputDimensions).Select(_ => values.ReadDouble())];
                return total = values.ReadDouble();
            });
        }));
        host.CheckDecode(mean.Concat(explained).Append(total).All(double.IsFinite));
        _mean = mean;
        _explained = explained;
        _total = total;
    }

    /// <summary>
    /// Gets the directions, row by row <c>[D, R]</c>: column k holds the weights of the D input values in output value k.
    /// </summary>
    public ReadOnlyMemory<float> Loadings => ((LinearHead)Head).Weights;

    /// <summary>Gets the mean of the rows that the rotation was fitted to, <c>[D]</c>, which is subtracted from each row.</summary>
    public IReadOnlyList<double> Mean => Array.AsReadOnly(_mean);

    /// <summary>Gets the variance that each output value explains, <c>[R]</c>: the eigenvalues, falling.</summary>
    /// <remarks>
    /// For principal components it is the variance of the rows along the direction (divided by N − 1). For discriminant directions it is
    /// the variance of the class means, divided by the shrunken variance within the classes, and 0 for the directions that only fill up the
    /// width.
    /// </remarks>
    public IReadOnlyList<double> ExplainedVariance => Array.AsReadOnly(_explained);

    /// <summary>
    /// Gets the share of the whole variance that each output value explains, <c>[R]</c>, each in [0, 1]. All of them are 0 if the rows do
    /// not vary.
    /// </summary>
    public IReadOnlyList<double> ExplainedVarianceRatio => Array.ConvertAll(_explained, value => _total > 0 ? value / _total : 0);

    private static ReadOnlySpan<byte> Magic => "MRLROTA"u8;

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override void SaveContent(ModelSaveContext context)
    {
        base.SaveContent(context);
        context.SaveBinaryStream(VarianceStream, stream => ChecksummedFrame.Write(stream.BaseStream, Magic, FrameVersion, writer =>
        {
            foreach (double value in (double[])[.. _mean, .. _explained, _total])
            {
                writer.Write(value);
            }
        }));
    }

    private static LinearHead HeadOf(double[] mean, double[] directions)
    {
        int inputs = mean.Length, outputs = directions.Length / inputs;
        var weights = new float[directions.Length];
        var bias = new float[outputs];
        for (int k = 0; k < outputs; k++)
        {
            double shift = 0;
            for (int i = 0; i < inputs; i++)
            {
                double weight = directions[(k * inputs) + i];
                weights[(i * outputs) + k] = (float)weight;
                shift += mean[i] * weight;
            }
            bias[k] = (float)-shift;
        }
        return new LinearHead(weights, bias, MatryoshkaDimensions.HalvedFrom(outputs), training: null);
    }

    private static VersionInfo GetVersionInfo() => VersionOf<RotationTransformer>("MRLROTAT", LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static RotationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings => new RotationTransformer(env.Register(nameof(RotationTransformer)), settings, ctx));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

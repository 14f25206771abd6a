using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the head y = x W + b, a linear map of D_in values to D_out values of which any prefix can be computed alone.
/// </summary>
public sealed class LinearHead : EmbeddingHead
{
    internal const string KindName = "linear";

    private readonly float[] _weights;
    private readonly float[] _bias;

    /// <summary>Initializes a new instance of the <see cref="LinearHead"/> class. The arrays are copied.</summary>
    /// <param name="weights">The finite weights W, row by row, <c>[D_in, D_out]</c>. Row i multiplies input value i.</param>
    /// <param name="bias">The finite bias b, <c>[D_out]</c>.</param>
    /// <param name="trainedDimensions">The prefix lengths that were trained, each in 1..D_out.</param>
    /// <param name="training">The summary of its training. The default, <see langword="null"/>, is for heads that were not trained.</param>
    /// <exception cref="ArgumentException">
    /// The number of weights is not a multiple of the number of biases, or a value is not finite.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A trained dimension is above D_out.</exception>
    public LinearHead(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, MatryoshkaDimensions trainedDimensions,
        TrainingSummary? training = null)
        : this(weights.ToArray(), bias.ToArray(), trainedDimensions, training)
    {
    }

    internal LinearHead(float[] weights, float[] bias, MatryoshkaDimensions trainedDimensions, TrainingSummary? training)
        : base(InputWidth(weights, bias), bias.Length, trainedDimensions, training)
    {
        CheckFinite(weights, nameof(weights));
        CheckFinite(bias, nameof(bias));
        _weights = weights;
        _bias = bias;
    }

    /// <summary>Gets the weights W, row by row, <c>[D_in, D_out]</c>.</summary>
    public ReadOnlyMemory<float> Weights => _weights;

    /// <summary>Gets the bias b, <c>[D_out]</c>.</summary>
    public ReadOnlyMemory<float> Bias => _bias;

    internal override string Kind => KindName;

    internal override void WriteWeights(BinaryWriter writer)
    {
        ChecksummedFrame.WriteFloats(writer, _weights);
        ChecksummedFrame.WriteFloats(writer, _bias);
    }

    internal override void WriteOnnx(OnnxContext context, string input, string output)
    {
        string weights = context.AddInitializer(_weights, [InputDimensions, OutputDimensions], "MrlWeights");
        string bias = context.AddInitializer(_bias, [OutputDimensions], "MrlBias");
        context.CreateNode("Gemm", [input, weights, bias], [output], context.GetNodeName("Gemm"), "");
    }

    internal static LinearHead ReadWeights(BinaryReader reader, int inputs, int outputs, MatryoshkaDimensions dimensions,
        TrainingSummary? training) =>
        new(ChecksummedFrame.ReadFloats(reader, (long)inputs * outputs), ChecksummedFrame.ReadFloats(reader, outputs),
            dimensions, training);

    private protected override void ApplyDense(ReadOnlySpan<float> source, int count, Span<float> destination, int width) =>
        LinearKernel.Dense(source, count, InputDimensions, _weights, _bias, destination, width);

    private protected override void ApplySparse(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> destination) =>
        LinearKernel.Sparse(indices, values, _weights, _bias, destination);

    private static int InputWidth(float[] weights, float[] bias)
    {
        if (bias.Length == 0 || weights.Length == 0 || weights.Length % bias.Length != 0)
        {
            throw new ArgumentException($"{weights.Length} weights and {bias.Length} biases do not make a linear head. Give D_in × " +
                "D_out weights and D_out biases.", nameof(weights));
        }
        return weights.Length / bias.Length;
    }
}

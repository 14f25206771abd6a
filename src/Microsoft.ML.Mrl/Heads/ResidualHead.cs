using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the head y = x S + b + relu(x W₁ + b₁) W₂, a linear map together with a network of one hidden layer that corrects it.
/// </summary>
public sealed class ResidualHead : EmbeddingHead
{
    internal const string KindName = "residual";

    /// <summary>Rows whose hidden values are kept at once.</summary>
    private const int RowsAtOnce = 64;

    private readonly float[] _skip;
    private readonly float[] _bias;
    private readonly float[] _hiddenWeights;
    private readonly float[] _hiddenBias;
    private readonly float[] _outputWeights;
    private readonly float[] _noBias;

    /// <summary>Initializes a new instance of the <see cref="ResidualHead"/> class. The arrays are copied.</summary>
    /// <param name="skip">The finite weights S of the linear map, row by row, <c>[D_in, D_out]</c>.</param>
    /// <param name="bias">The finite bias b, <c>[D_out]</c>.</param>
    /// <param name="hiddenWeights">The finite weights W₁ of the hidden layer, row by row, <c>[D_in, H]</c>.</param>
    /// <param name="hiddenBias">The finite bias b₁ of the hidden layer, <c>[H]</c>.</param>
    /// <param name="outputWeights">The finite weights W₂ of the output layer, row by row, <c>[H, D_out]</c>.</param>
    /// <param name="trainedDimensions">The prefix lengths that were trained, each in 1..D_out.</param>
    /// <param name="training">The summary of its training. The default, <see langword="null"/>, is for heads that were not trained.</param>
    /// <exception cref="ArgumentException">The lengths of the arrays do not match, or a value is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A trained dimension is above D_out.</exception>
    public ResidualHead(
        ReadOnlySpan<float> skip, ReadOnlySpan<float> bias, ReadOnlySpan<float> hiddenWeights, ReadOnlySpan<float> hiddenBias,
            ReadOnlySpan<float> outputWeights,
        MatryoshkaDimensions trainedDimensions, TrainingSummary? training = null)
        : this(skip.ToArray(), bias.ToArray(), hiddenWeights.ToArray(), hiddenBias.ToArray(), outputWeights.ToArray(),
            trainedDimensions, training)
    {
    }

    internal ResidualHead(
        float[] skip, float[] bias, float[] hiddenWeights, float[] hiddenBias, float[] outputWeights,
        MatryoshkaDimensions trainedDimensions, TrainingSummary? training)
        : base(InputWidth(skip, bias), bias.Length, trainedDimensions, training)
    {
        if (hiddenBias.Length == 0 || hiddenWeights.Length != (long)InputDimensions * hiddenBias.Length
            || outputWeights.Length != (long)hiddenBias.Length * bias.Length)
        {
            throw new ArgumentException(
                $"{hiddenWeights.Length} and {outputWeights.Length} weights do not make a hidden layer of {hiddenBias.Length} values " +
                $"between {InputDimensions} and {OutputDimensions}. " +
                "Give D_in × H weights, H biases and H × D_out weights.", nameof(hiddenWeights));
        }
        CheckFinite(skip, nameof(skip));
        CheckFinite(bias, nameof(bias));
        CheckFinite(hiddenWeights, nameof(hiddenWeights));
        CheckFinite(hiddenBias, nameof(hiddenBias));
        CheckFinite(outputWeights, nameof(outputWeights));
        _skip = skip;
        _bias = bias;
        _hiddenWeights = hiddenWeights;
        _hiddenBias = hiddenBias;
        _outputWeights = outputWeights;
        _noBias = new float[OutputDimensions];
    }

    /// <summary>Gets the width H of the hidden layer.</summary>
    internal int HiddenDimensions => _hiddenBias.Length;

    /// <summary>Gets the weights S of the linear map, row by row, <c>[D_in, D_out]</c>.</summary>
    public ReadOnlyMemory<float> Skip => _skip;

    /// <summary>Gets the bias b, <c>[D_out]</c>.</summary>
    public ReadOnlyMemory<float> Bias => _bias;

    /// <summary>Gets the weights W₁ of the hidden layer, row by row, <c>[D_in, H]</c>.</summary>
    public ReadOnlyMemory<float> HiddenWeights => _hiddenWeights;

    /// <summary>Gets the bias b₁ of the hidden layer, <c>[H]</c>.</summary>
    public ReadOnlyMemory<float> HiddenBias => _hiddenBias;

    /// <summary>Gets the weights W₂ of the output layer, row by row, <c>[H, D_out]</c>.</summary>
    public ReadOnlyMemory<float> OutputWeights => _outputWeights;

    internal override string Kind => KindName;

    internal override void WriteWeights(BinaryWriter writer)
    {
        writer.Write(HiddenDimensions);
        ChecksummedFrame.WriteFloats(writer, _skip);
        ChecksummedFrame.WriteFloats(writer, _bias);
        ChecksummedFrame.WriteFloats(writer, _hiddenWeights);
        ChecksummedFrame.WriteFloats(writer, _hiddenBias);
        ChecksummedFrame.WriteFloats(writer, _outputWeights);
    }

    internal override void WriteOnnx(OnnxContext context, string input, string output)
    {
        var hiddenType = new VectorDataViewType(NumberDataViewType.Single, HiddenDimensions);
        var outputType = new VectorDataViewType(NumberDataViewType.Single, OutputDimensions);
        string skip = context.AddInitializer(_skip, [InputDimensions, OutputDimensions], "MrlSkip");
        string bias = context.AddInitializer(_bias, [OutputDimensions], "MrlBias");
        string hiddenWeights = context.AddInitializer(_hiddenWeights, [InputDimensions, HiddenDimensions], "MrlHiddenWeights");
        string hiddenBias = context.AddInitializer(_hiddenBias, [HiddenDimensions], "MrlHiddenBias");
        string outputWeights = context.AddInitializer(_outputWeights, [HiddenDimensions, OutputDimensions], "MrlOutputWeights");
        string direct = context.AddIntermediateVariable(outputType, "MrlDirect");
        string hidden = context.AddIntermediateVariable(hiddenType, "MrlHidden");
        string active = context.AddIntermediateVariable(hiddenType, "MrlActive");
        string correction = context.AddIntermediateVariable(outputType, "MrlCorrection");
        context.CreateNode("Gemm", [input, skip, bias], [direct], context.GetNodeName("Gemm"), "");
        context.CreateNode("Gemm", [input, hiddenWeights, hiddenBias], [hidden], context.GetNodeName("Gemm"), "");
        context.CreateNode("Relu", [hidden], [active], context.GetNodeName("Relu"), "");
        context.CreateNode("MatMul", [active, outputWeights], [correction], context.GetNodeName("MatMul"), "");
        context.CreateNode("Add", [direct, correction], [output], context.GetNodeName("Add"), "");
    }

    internal static ResidualHead ReadWeights(BinaryReader reader, int inputs, int outputs, MatryoshkaDimensions dimensions,
        TrainingSummary? training)
    {
        int hidden = ChecksummedFrame.ReadPositive(reader, "head's hidden width");
        return new ResidualHead(
            ChecksummedFrame.ReadFloats(reader, (long)inputs * outputs), ChecksummedFrame.ReadFloats(reader, outputs),
            ChecksummedFrame.ReadFloats(reader, (long)inputs * hidden), ChecksummedFrame.ReadFloats(reader, hidden),
            ChecksummedFrame.ReadFloats(reader, (long)hidden * outputs), dimensions, training);
    }

    private protected override void ApplyDense(ReadOnlySpan<float> source, int count, Span<float> destination, int width)
    {
        int rows = Math.Min(count, RowsAtOnce);
        float[] hidden = ArrayPool<float>.Shared.Rent(rows * HiddenDimensions);
        float[] correction = ArrayPool<float>.Shared.Rent(rows * width);
        for (int start = 0; start < count; start += rows)
        {
            int taken = Math.Min(rows, count - start);
            ReadOnlySpan<float> block = source.Slice(start * InputDimensions, taken * InputDimensions);
            Span<float> target = destination.Slice(start * width, taken * width);
            LinearKernel.Dense(block, taken, InputDimensions, _hiddenWeights, _hiddenBias, hidden.AsSpan(0, taken * HiddenDimensions),
                HiddenDimensions);
            LinearKernel.Dense(block, taken, InputDimensions, _skip, _bias, target, width);
            Correct(hidden, taken, correction, target, width);
        }
        ArrayPool<float>.Shared.Return(hidden);
        ArrayPool<float>.Shared.Return(correction);
    }

    private protected override void ApplySparse(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> destination)
    {
        float[] hidden = ArrayPool<float>.Shared.Rent(HiddenDimensions);
        float[] correction = ArrayPool<float>.Shared.Rent(destination.Length);
        LinearKernel.Sparse(indices, values, _hiddenWeights, _hiddenBias, hidden.AsSpan(0, HiddenDimensions));
        LinearKernel.Sparse(indices, values, _skip, _bias, destination);
        Correct(hidden, 1, correction, destination, destination.Length);
        ArrayPool<float>.Shared.Return(hidden);
        ArrayPool<float>.Shared.Return(correction);
    }

    /// <summary>Adds relu(hidden) W₂ value by value, so that a result does not depend on the other rows of the batch.</summary>
    private void Correct(float[] hidden, int count, float[] correction, Span<float> destination, int width)
    {
        Span<float> active = hidden.AsSpan(0, count * HiddenDimensions);
        // The larger of a value and 0; NaN stays NaN.
        TensorPrimitives.Max(active, 0f, active);
        Span<float> added = correction.AsSpan(0, destination.Length);
        LinearKernel.Dense(active, count, HiddenDimensions, _outputWeights, _noBias, added, width);
        TensorPrimitives.Add(destination, added, destination);
    }

    private static int InputWidth(float[] skip, float[] bias)
    {
        if (bias.Length == 0 || skip.Length == 0 || skip.Length % bias.Length != 0)
        {
            throw new ArgumentException($"{skip.Length} weights and {bias.Length} biases do not make a linear part. Give D_in × " +
                "D_out weights and D_out biases.", nameof(skip));
        }
        return skip.Length / bias.Length;
    }
}

using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The head y = x S + b + relu(x W₁ + b₁) W₂: a linear map and, beside it, a small network that corrects it where no linear map will do.
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

    /// <summary>Creates the head from its numbers, which are copied.</summary>
    /// <param name="skip">S, row by row: <c>[D_in, D_out]</c>. Finite.</param>
    /// <param name="bias">b, <c>[D_out]</c>. Finite.</param>
    /// <param name="hiddenWeights">W₁, row by row: <c>[D_in, H]</c>. Finite.</param>
    /// <param name="hiddenBias">b₁, <c>[H]</c>. Finite.</param>
    /// <param name="outputWeights">W₂, row by row: <c>[H, D_out]</c>. Finite.</param>
    /// <param name="trainedDimensions">The prefix lengths that were trained, each in 1..D_out.</param>
    /// <param name="training">How it was trained, if it was.</param>
    /// <exception cref="ArgumentException">The counts of the numbers do not fit each other, or a number is not finite.</exception>
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
                $"{hiddenWeights.Length} and {outputWeights.Length} weights make no hidden layer of {hiddenBias.Length} values between " +
                    $"{InputDimensions} and {OutputDimensions}. " +
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

    /// <summary>The width H of the hidden layer.</summary>
    internal int HiddenDimensions => _hiddenBias.Length;

    /// <summary>S, row by row: <c>[D_in, D_out]</c>.</summary>
    public ReadOnlyMemory<float> Skip => _skip;

    /// <summary>b, <c>[D_out]</c>.</summary>
    public ReadOnlyMemory<float> Bias => _bias;

    /// <summary>W₁, row by row: <c>[D_in, H]</c>.</summary>
    public ReadOnlyMemory<float> HiddenWeights => _hiddenWeights;

    /// <summary>b₁, <c>[H]</c>.</summary>
    public ReadOnlyMemory<float> HiddenBias => _hiddenBias;

    /// <summary>W₂, row by row: <c>[H, D_out]</c>.</summary>
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

    /// <summary>Adds relu(hidden) W₂, value by value: so the sum does not depend on what else is computed with it.</summary>
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
            throw new ArgumentException($"{skip.Length} weights and {bias.Length} biases make no linear part. Give D_in × D_out weights " +
                $"and D_out biases.", nameof(skip));
        }
        return skip.Length / bias.Length;
    }
}

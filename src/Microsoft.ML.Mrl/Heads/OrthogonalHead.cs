using System.Numerics.Tensors;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the head y = x Q with an orthogonal matrix Q. It only rotates the vectors, so every length, distance and cosine at the full
/// width stays the same. Only the prefixes become better.
/// </summary>
public sealed class OrthogonalHead : EmbeddingHead
{
    internal const string KindName = "orthogonal";

    /// <summary>The tolerance of the dot products of rows of Q around 0, and of their squared lengths around 1.</summary>
    private const float Tolerance = 1e-3f;

    private readonly float[] _weights;
    private readonly float[] _noBias;

    /// <summary>Initializes a new instance of the <see cref="OrthogonalHead"/> class. The array is copied.</summary>
    /// <param name="weights">
    /// The matrix Q, row by row, <c>[D, D]</c>. Row i multiplies input value i. The matrix is orthogonal within 0.001.
    /// </param>
    /// <param name="trainedDimensions">The prefix lengths that were trained, each in 1..D.</param>
    /// <param name="training">The summary of its training. The default, <see langword="null"/>, is for heads that were not trained.</param>
    /// <exception cref="ArgumentException">
    /// The number of weights is not a square, a value is not finite, or the matrix is not orthogonal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A trained dimension is above D.</exception>
    public OrthogonalHead(ReadOnlySpan<float> weights, MatryoshkaDimensions trainedDimensions, TrainingSummary? training = null)
        : this(weights.ToArray(), trainedDimensions, training)
    {
    }

    internal OrthogonalHead(float[] weights, MatryoshkaDimensions trainedDimensions, TrainingSummary? training)
        : base(Width(weights), Width(weights), trainedDimensions, training)
    {
        CheckFinite(weights, nameof(weights));
        CheckOrthogonal(weights, InputDimensions);
        _weights = weights;
        _noBias = new float[InputDimensions];
    }

    /// <summary>Gets the matrix Q, row by row, <c>[D, D]</c>.</summary>
    public ReadOnlyMemory<float> Weights => _weights;

    internal override string Kind => KindName;

    internal override void WriteWeights(BinaryWriter writer) => ChecksummedFrame.WriteFloats(writer, _weights);

    internal override void WriteOnnx(OnnxContext context, string input, string output)
    {
        string weights = context.AddInitializer(_weights, [InputDimensions, OutputDimensions], "MrlRotation");
        context.CreateNode("MatMul", [input, weights], [output], context.GetNodeName("MatMul"), "");
    }

    internal static OrthogonalHead ReadWeights(BinaryReader reader, int inputs, int outputs, MatryoshkaDimensions dimensions,
        TrainingSummary? training)
    {
        if (inputs != outputs)
        {
            throw new InvalidDataException($"The head is orthogonal, but takes {inputs} values and gives {outputs}. The file is damaged.");
        }
        return new OrthogonalHead(ChecksummedFrame.ReadFloats(reader, (long)inputs * outputs), dimensions, training);
    }

    private protected override void ApplyDense(ReadOnlySpan<float> source, int count, Span<float> destination, int width) =>
        LinearKernel.Dense(source, count, InputDimensions, _weights, _noBias, destination, width);

    private protected override void ApplySparse(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> destination) =>
        LinearKernel.Sparse(indices, values, _weights, _noBias, destination);

    private static int Width(float[] weights)
    {
        int width = (int)Math.Round(Math.Sqrt(weights.Length));
        if (width == 0 || (long)width * width != weights.Length)
        {
            throw new ArgumentException($"{weights.Length} weights do not make an orthogonal head. Give D × D weights.", nameof(weights));
        }
        return width;
    }

    /// <summary>Checks the rows, which are contiguous in memory. A square matrix with orthonormal rows has orthonormal columns.</summary>
    private static void CheckOrthogonal(float[] weights, int width)
    {
        for (int i = 0; i < width; i++)
        {
            ReadOnlySpan<float> row = weights.AsSpan(i * width, width);
            for (int j = 0; j <= i; j++)
            {
                float product = TensorPrimitives.Dot(row, weights.AsSpan(j * width, width));
                if (!(MathF.Abs(product - (i == j ? 1 : 0)) <= Tolerance))
                {
                    string found = i == j ? $"row {i} has the squared length {product}"
                        : $"rows {j} and {i} have the dot product {product}";
                    throw new ArgumentException($"The map is not orthogonal: {found}. Its rows must be at right angles and of length 1, " +
                        $"to {Tolerance}; a {nameof(LinearHead)} takes any map.", nameof(weights));
                }
            }
        }
    }
}

using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// A linear classifier for each dimension m: the scores n(x[:m]) · w_c + b_c of the classes c. For centroids w_c is the centroid of unit
/// length and b_c is 0, so that scores are cosines.
/// </summary>
/// <remarks>A row has the same bits alone and among others.</remarks>
internal sealed unsafe class NestedClassifiers
{
    private const int AtOnce = 4;

    // For each dimension [C rounded up to 4, m rounded up to 16] and [C rounded up to 4], with zeros where it was rounded.
    private readonly float[][] _weights;
    private readonly float[][] _biases;

    /// <param name="kind">What the scores are.</param>
    /// <param name="dimensions">M prefix lengths.</param>
    /// <param name="weights">For each dimension m the weights of each class, <c>[C, m]</c>.</param>
    /// <param name="biases">For each dimension the biases, <c>[C]</c>.</param>
    public NestedClassifiers(AdaptiveClassifierKind kind, MatryoshkaDimensions dimensions, float[][] weights, float[][] biases)
    {
        Kind = kind;
        Dimensions = dimensions;
        Classes = biases[0].Length;
        ScoreStride = RoundUp(Classes, AtOnce);
        _biases = [.. biases.Select(own => (float[])[.. own, .. new float[ScoreStride - Classes]])];
        _weights = new float[weights.Length][];
        for (int i = 0; i < weights.Length; i++)
        {
            int width = dimensions[i], stride = Stride(i);
            _weights[i] = new float[checked(ScoreStride * stride)];
            for (int c = 0; c < Classes; c++)
            {
                weights[i].AsSpan(c * width, width).CopyTo(_weights[i].AsSpan(c * stride));
            }
        }
    }

    public AdaptiveClassifierKind Kind { get; }

    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>The number of classes C.</summary>
    public int Classes { get; }

    /// <summary>The weights of a class at a dimension, <c>[m]</c>.</summary>
    public ReadOnlySpan<float> Weights(int dimension, int label) =>
        _weights[dimension].AsSpan(label * Stride(dimension), Dimensions[dimension]);

    /// <summary>The biases at a dimension, <c>[C]</c>.</summary>
    public ReadOnlySpan<float> Biases(int dimension) => _biases[dimension].AsSpan(0, Classes);

    /// <summary>The room that a row's scores take: C rounded up to 4.</summary>
    public int ScoreStride { get; }

    /// <summary>The room that a prepared prefix takes: m rounded up to 16.</summary>
    public int Stride(int dimension) => RoundUp(Dimensions[dimension], RowKernel.Lanes);

    /// <summary>Cuts a vector and rescales it to unit length.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="vector">The vector, finite and at least as long as the dimension.</param>
    /// <param name="prefix">Room for as much as <see cref="Stride"/> says.</param>
    public void Prepare(int dimension, ReadOnlySpan<float> vector, Span<float> prefix)
    {
        int width = Dimensions[dimension];
        UnitLength.Write(vector[..width], prefix[..width]);
        prefix[width..].Clear();
    }

    /// <summary>The scores of prepared prefixes.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="prefixes">The prefixes, row by row, each as long as <see cref="Stride"/> says.</param>
    /// <param name="count">How many.</param>
    /// <param name="scores">Room for as much as <see cref="ScoreStride"/> says for each of them; the first C values are a row's
    /// scores.</param>
    public void Score(int dimension, ReadOnlySpan<float> prefixes, int count, Span<float> scores)
    {
        const int Panel = PrefixDotProducts.PanelDocuments;
        int stride = Stride(dimension);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefixes.Length, count * stride, nameof(prefixes));
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, count * ScoreStride, nameof(scores));
        float* sums = stackalloc float[AtOnce * Panel];
        float* lanes = stackalloc float[AtOnce * RowKernel.Lanes];
        float** rows = stackalloc float*[AtOnce];
        fixed (float* first = prefixes, weights = _weights[dimension], biases = _biases[dimension], target = scores)
        {
            for (int row = 0; row < count; row += AtOnce)
            {
                int found = Math.Min(AtOnce, count - row);
                for (int i = 0; i < AtOnce; i++)
                {
                    rows[i] = first + (Math.Min(row + i, count - 1) * stride);
                }
                for (int c = 0; c < Classes; c += AtOnce)
                {
                    float* block = weights + ((long)c * stride);
                    if (found == 1)
                    {
                        new Span<float>(lanes, AtOnce * RowKernel.Lanes).Clear();
                        RowKernel.Add(rows[0], block, block + stride, block + (2 * stride), block + (3 * stride), stride, lanes);
                        RowKernel.Sum(lanes, sums);
                    }
                    else
                    {
                        RowKernel.Tile(rows, &block, &stride, 1, sums);
                    }
                    var bias = Vector128.Load(biases + c);
                    for (int i = 0; i < found; i++)
                    {
                        (Vector128.Load(sums + (i * Panel)) + bias).Store(target + ((row + i) * ScoreStride) + c);
                    }
                }
            }
        }
    }

    /// <summary>
    /// The class with the greatest score, the first of equal ones, and how sure that is; scores other than cosines become the probabilities
    /// of the classes.
    /// </summary>
    /// <param name="scores">The scores of a row, <c>[C]</c>, without what comes after.</param>
    public (int Class, float Confidence) Decide(Span<float> scores)
    {
        int winner = TensorPrimitives.IndexOfMax<float>(scores);
        float best = scores[winner];
        if (Kind == AdaptiveClassifierKind.NearestCentroid)
        {
            // The greatest of the others is the margin's other side.
            scores[winner] = float.NegativeInfinity;
            float second = TensorPrimitives.Max<float>(scores);
            scores[winner] = best;
            return (winner, Math.Min(best - second, 2));
        }
        TensorPrimitives.Subtract(scores, best, scores);
        TensorPrimitives.Exp<float>(scores, scores);
        float sum = TensorPrimitives.Sum<float>(scores);
        TensorPrimitives.Multiply(scores, 1 / sum, scores);
        return (winner, scores[winner]);
    }

    /// <summary>The same with all scores divided by a temperature for each dimension.</summary>
    public NestedClassifiers Tempered(ReadOnlySpan<double> temperatures)
    {
        var weights = new float[Dimensions.Count][];
        var biases = new float[Dimensions.Count][];
        for (int i = 0; i < weights.Length; i++)
        {
            float factor = (float)(1 / temperatures[i]);
            weights[i] = [.. Enumerable.Range(0, Classes).SelectMany(c => Weights(i, c).ToArray())];
            biases[i] = Biases(i).ToArray();
            TensorPrimitives.Multiply(weights[i], factor, weights[i]);
            TensorPrimitives.Multiply(biases[i], factor, biases[i]);
        }
        return new NestedClassifiers(Kind, Dimensions, weights, biases);
    }

    private static int RoundUp(int value, int step) => checked(value + step - 1) / step * step;
}

using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Represents a linear classifier for each dimension m: the scores n(x[:m]) · w_c + b_c of the classes c. For centroids w_c is the centroid
/// of unit length and b_c is 0, so that scores are cosines.
/// </summary>
/// <remarks>
/// A row has the same bits alone and among others.
/// </remarks>
internal sealed unsafe class NestedClassifiers
{
    /// <summary>The rows that are scored together.</summary>
    public const int RowsAtOnce = PanelScores.RowsAtOnce;

    private const int Lanes = PanelScores.Lanes;

    private readonly PanelScores[] _weights;

    // For each dimension the biases, followed by −∞ up to whole lanes: no class there ever wins.
    private readonly float[][] _biases;

    /// <param name="kind">The kind of scores.</param>
    /// <param name="dimensions">M prefix lengths.</param>
    /// <param name="weights">For each dimension m the weights of each class, <c>[C, m]</c>.</param>
    /// <param name="biases">For each dimension the biases, <c>[C]</c>.</param>
    public NestedClassifiers(AdaptiveClassifierKind kind, MatryoshkaDimensions dimensions, float[][] weights, float[][] biases)
    {
        Kind = kind;
        Dimensions = dimensions;
        Classes = biases[0].Length;
        _weights = [.. weights.Select((own, i) => new PanelScores(own, Classes, dimensions[i]))];
        _biases =
        [
            .. biases.Select(own => (float[])[.. own, .. Enumerable.Repeat(float.NegativeInfinity, ScoreStride - Classes)]),
        ];
    }

    public AdaptiveClassifierKind Kind { get; }

    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>Gets the number of classes C.</summary>
    public int Classes { get; }

    /// <summary>The room that a row's scores take: C rounded up to 16.</summary>
    public int ScoreStride => _weights[0].Stride;

    /// <summary>Returns the weights of a class at a dimension, <c>[m]</c>.</summary>
    public float[] Weights(int dimension, int label) => _weights[dimension].Vector(label);

    /// <summary>Returns the biases at a dimension, <c>[C]</c>.</summary>
    public ReadOnlySpan<float> Biases(int dimension) => _biases[dimension].AsSpan(0, Classes);

    /// <summary>The scores of up to 8 rows at a dimension, cut and rescaled to unit length.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="rows">8 pointers to the rows, which are finite and at least as long as the dimension. The pointers are changed.</param>
    /// <param name="count">The number of rows, 1..8.</param>
    /// <param name="scores">
    /// Room for 8 rows of <see cref="ScoreStride"/>, or for one where there is one; the first C values of each are a row's scores, the
    /// others −∞.
    /// </param>
    public void Score(int dimension, float** rows, int count, float* scores)
    {
        int width = Dimensions[dimension];
        float* inverses = stackalloc float[RowsAtOnce];
        float[]? unit = null;
        for (int row = 0; row < RowsAtOnce; row++)
        {
            if (row >= count)
            {
                rows[row] = rows[count - 1];
                continue;
            }
            float square = Square(rows[row], width);
            inverses[row] = 1 / MathF.Sqrt(square);
            if (!UnitLength.IsSafeSquare(square))
            {
                // Rare: the length leaves the range of single precision, and the row is rescaled before it is multiplied.
                unit ??= GC.AllocateArray<float>(RowsAtOnce * width, pinned: true);
                Span<float> own = unit.AsSpan(row * width, width);
                UnitLength.Write(new ReadOnlySpan<float>(rows[row], width), square, own);
                rows[row] = (float*)Unsafe.AsPointer(ref own[0]);
                inverses[row] = 1;
            }
        }
        _weights[dimension].Multiply(rows, count, scores);
        GC.KeepAlive(unit);
        fixed (float* biases = _biases[dimension])
        {
            for (int row = 0; row < count; row++)
            {
                var inverse = Vector512.Create(inverses[row]);
                for (int c = 0; c < ScoreStride; c += Lanes)
                {
                    float* score = scores + (row * ScoreStride) + c;
                    Fused.MultiplyAdd(Vector512.Load(score), inverse, Vector512.Load(biases + c)).Store(score);
                }
            }
        }
    }

    /// <summary>Returns the class with the greatest score, or the first of several equal ones, and its confidence.</summary>
    /// <param name="scores">The scores of a row as <see cref="Score"/> leaves them.</param>
    public (int Class, float Confidence) Decide(ReadOnlySpan<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, ScoreStride, nameof(scores));
        fixed (float* first = scores)
        {
            return Decide(first);
        }
    }

    /// <inheritdoc cref="Decide(ReadOnlySpan{float})"/>
    public (int Class, float Confidence) Decide(float* scores)
    {
        Vector512<float> most = Vector512.Create(float.NegativeInfinity), second = most;
        for (int c = 0; c < ScoreStride; c += Lanes)
        {
            var score = Vector512.Load(scores + c);
            second = Exponential.Larger(second, Smaller(most, score));
            most = Exponential.Larger(most, score);
        }
        float best = Largest(most);
        var bests = Vector512.Create(best);
        int winner = 0;
        for (int c = ScoreStride - Lanes; c >= 0; c -= Lanes)
        {
            ulong equal = Vector512.Equals(Vector512.Load(scores + c), bests).ExtractMostSignificantBits();
            winner = equal == 0 ? winner : c + BitOperations.TrailingZeroCount(equal);
        }
        if (Kind == AdaptiveClassifierKind.NearestCentroid)
        {
            // Of the lane that the winner is in the second counts, of the others the greatest.
            Vector512<int> isWinner = Vector512.Equals(
                Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create(winner % Lanes));
            float next = Largest(Vector512.ConditionalSelect(isWinner.AsSingle(), second, most));
            return (winner, Math.Min(best - next, 2));
        }
        Vector512<float> sum = default;
        for (int c = 0; c < ScoreStride; c += Lanes)
        {
            sum += Exponential.Of(Vector512.Load(scores + c) - bests);
        }
        return (winner, 1 / Vector512.Sum(sum));
    }

    /// <summary>Turns the scores of a row into the probabilities of the classes, unless they are cosines.</summary>
    /// <param name="scores">The scores as <see cref="Score"/> leaves them.</param>
    /// <param name="winner">The class with the greatest score.</param>
    /// <param name="confidence">Its probability.</param>
    public void MakeProbabilities(Span<float> scores, int winner, float confidence)
    {
        if (Kind != AdaptiveClassifierKind.NearestCentroid)
        {
            var best = Vector512.Create(scores[winner]);
            for (int c = 0; c < ScoreStride; c += Lanes)
            {
                (Exponential.Of(Vector512.Create(scores[c..]) - best) * Vector512.Create(confidence)).CopyTo(scores[c..]);
            }
        }
    }

    /// <summary>Returns the same classifiers with scores that are divided by a temperature for each dimension.</summary>
    public NestedClassifiers Tempered(ReadOnlySpan<double> temperatures)
    {
        var weights = new float[Dimensions.Count][];
        var biases = new float[Dimensions.Count][];
        for (int i = 0; i < weights.Length; i++)
        {
            float factor = (float)(1 / temperatures[i]);
            weights[i] = [.. Enumerable.Range(0, Classes).SelectMany(c => Weights(i, c))];
            biases[i] = Biases(i).ToArray();
            TensorPrimitives.Multiply(weights[i], factor, weights[i]);
            TensorPrimitives.Multiply(biases[i], factor, biases[i]);
        }
        return new NestedClassifiers(Kind, Dimensions, weights, biases);
    }

    private static float Square(float* row, int width)
    {
        Vector512<float> sums = default;
        int c = 0;
        for (; c + Lanes <= width; c += Lanes)
        {
            var x = Vector512.Load(row + c);
            sums = Fused.MultiplyAdd(x, x, sums);
        }
        float square = Vector512.Sum(sums);
        if (c + 8 <= width)
        {
            var x = Vector256.Load(row + c);
            square += Vector256.Sum(x * x);
            c += 8;
        }
        for (; c < width; c++)
        {
            square += row[c] * row[c];
        }
        return square;
    }

    // No score is NaN, so that one comparison is enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Smaller(Vector512<float> x, Vector512<float> y) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, y), y, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector512<float> values)
    {
        Vector256<float> eight = values.GetLower();
        eight = Vector256.ConditionalSelect(Vector256.GreaterThan(eight, values.GetUpper()), eight, values.GetUpper());
        Vector128<float> four = eight.GetLower();
        four = Vector128.ConditionalSelect(Vector128.GreaterThan(four, eight.GetUpper()), four, eight.GetUpper());
        Vector128<float> turned = Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        four = Vector128.ConditionalSelect(Vector128.GreaterThan(four, turned), four, turned);
        return four[0] > four[1] ? four[0] : four[1];
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>The mean and the directions of most variance of a set of rows; the place where every training starts.</summary>
internal sealed class PrincipalComponents : IDisposable
{
    /// <summary>Rows that are multiplied at once.</summary>
    private const int RowsAtOnce = 4096;

    private PrincipalComponents(Tensor mean, Tensor directions)
    {
        Mean = mean;
        Directions = directions;
    }

    /// <summary>The mean row, <c>[D]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Orthonormal directions by falling variance, one a column: <c>[D, R]</c>.</summary>
    public Tensor Directions { get; }

    /// <summary>All D directions of dense rows, exactly.</summary>
    public static PrincipalComponents Exact(IReadOnlyList<DenseRows> sets)
    {
        using DisposeScope scope = NewDisposeScope();
        int width = sets[0].Width;
        Tensor mean = MeanOf(sets);
        // Blocks are multiplied in single precision and added up in double.
        Tensor covariance = zeros(width, width, ScalarType.Float64);
        foreach (DenseRows set in sets)
        {
            for (int start = 0; start < set.Count; start += RowsAtOnce)
            {
                using DisposeScope block = NewDisposeScope();
                Tensor rows = BlockOf(set, start) - mean;
                Tensor product = rows.t().mm(rows).to(ScalarType.Float64);
                covariance = covariance.Plus(product).MoveToOuterDisposeScope();
            }
        }
        (_, Tensor vectors) = linalg.eigh(covariance);
        Tensor directions = WithFixedSigns(vectors.flip(1)).to(ScalarType.Float32).contiguous();
        return new PrincipalComponents(mean.MoveToOuterDisposeScope(), directions.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The first directions by a randomised range finder with power iterations (Halko, Martinsson and Tropp 2011, arXiv:0909.4061, algorithms 4.4 and 5.1).
    /// Rows are never centred in place, so sparse rows stay sparse.
    /// </summary>
    /// <param name="sets">The rows, dense or sparse.</param>
    /// <param name="rank">The number of directions R.</param>
    /// <param name="random">Draws the range finder's start.</param>
    public static PrincipalComponents Randomised(IReadOnlyList<VectorRows> sets, int rank, Random random)
    {
        const int Oversampling = 10;
        const int PowerIterations = 2;
        using DisposeScope scope = NewDisposeScope();
        int width = sets[0].Width;
        long count = sets.Sum(s => (long)s.Count);
        int sketch = (int)Math.Min(Math.Min(rank + Oversampling, width), count);
        Tensor mean = MeanOf(sets);
        // Only the side of the rows is made orthonormal between products: the side of the columns is often far longer.
        Tensor range = Orthonormal(Times(sets, mean, Gaussian(width, sketch, random)));
        for (int i = 0; i < PowerIterations; i++)
        {
            range = Orthonormal(Times(sets, mean, TransposeTimes(sets, mean, range)));
        }
        Tensor small = TransposeTimes(sets, mean, range);
        (_, Tensor inner) = linalg.eigh(small.t().mm(small).to(ScalarType.Float64));
        Tensor vectors = small.mm(inner.flip(1).narrow(1, 0, Math.Min(rank, sketch)).to(ScalarType.Float32));
        // Directions without variance come out as zeros; QR makes all of them orthonormal and keeps the order.
        Tensor directions = WithFixedSigns(Orthonormal(vectors)).contiguous();
        return new PrincipalComponents(mean.MoveToOuterDisposeScope(), directions.MoveToOuterDisposeScope());
    }

    /// <summary>The coordinates of rows along the directions: (x − mean) · directions, <c>[N, R]</c>.</summary>
    public Tensor Project(VectorRows rows) => Times([rows], Mean, Directions);

    public void Dispose()
    {
        Mean.Dispose();
        Directions.Dispose();
    }

    private static Tensor MeanOf(IReadOnlyList<VectorRows> sets)
    {
        var sum = new double[sets[0].Width];
        foreach (VectorRows set in sets)
        {
            RowProducts.AddTo(sum, set);
        }
        double count = Math.Max(1, sets.Sum(s => (long)s.Count));
        return tensor(Array.ConvertAll(sum, s => (float)(s / count)));
    }

    private static Tensor BlockOf(DenseRows set, int start)
    {
        int count = Math.Min(RowsAtOnce, set.Count - start);
        return tensor(set.Values.AsMemory((int)((long)start * set.Width), count * set.Width), [count, set.Width]);
    }

    /// <summary>(X − 1 meanᵀ) · right, for all sets one below the other.</summary>
    private static Tensor Times(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = mean.unsqueeze(0).mm(right);
        var parts = new List<Tensor>();
        foreach (VectorRows set in sets)
        {
            if (set is DenseRows dense)
            {
                for (int start = 0; start < set.Count; start += RowsAtOnce)
                {
                    parts.Add(BlockOf(dense, start).mm(right));
                }
            }
            else
            {
                parts.Add(RowProducts.Times((SparseRows)set, right));
            }
        }
        return (cat(parts, 0) - shift).MoveToOuterDisposeScope();
    }

    /// <summary>(X − 1 meanᵀ)ᵀ · right, for all sets one below the other.</summary>
    private static Tensor TransposeTimes(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = mean.unsqueeze(1).mm(right.sum([0L]).unsqueeze(0)).neg();
        long first = 0;
        foreach (VectorRows set in sets)
        {
            if (set is DenseRows dense)
            {
                for (int start = 0; start < set.Count; start += RowsAtOnce)
                {
                    Tensor block = BlockOf(dense, start);
                    sum = sum.Plus(block.t().mm(right.narrow(0, first + start, block.shape[0])));
                }
            }
            else
            {
                sum = sum.Plus(RowProducts.TransposeTimes((SparseRows)set, right.narrow(0, first, set.Count)));
            }
            first += set.Count;
        }
        return sum.MoveToOuterDisposeScope();
    }

    private static Tensor Orthonormal(Tensor columns) => linalg.qr(columns).Q;

    private static Tensor Gaussian(int rows, int columns, Random random)
    {
        var values = new float[(long)rows * columns];
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
            values[i] = (float)(radius * cos);
            if (i + 1 < values.Length)
            {
                values[i + 1] = (float)(radius * sin);
            }
        }
        return tensor(values, [rows, columns]);
    }

    /// <summary>A direction and its opposite are equally good: the one whose largest value is positive is taken.</summary>
    private static Tensor WithFixedSigns(Tensor directions)
    {
        Tensor largest = directions.abs().argmax(0, keepdim: true);
        Tensor signs = directions.gather(0, largest).sign();
        return directions * where(signs.to(ScalarType.Bool), signs, ones_like(signs));
    }
}

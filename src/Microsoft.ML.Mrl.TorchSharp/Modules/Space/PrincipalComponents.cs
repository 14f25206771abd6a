using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Space;

/// <summary>Represents the mean and the directions of most variance of a set of rows; the place where every training starts.</summary>
internal sealed class PrincipalComponents : IDisposable
{
    /// <summary>Rows that are multiplied at once; fewer of very wide ones.</summary>
    private const int MaxBlockRows = 4096;

    /// <summary>Numbers that are multiplied at once.</summary>
    private const long BlockValues = 1L << 24;

    /// <summary>The maximum number of values of the row side of a decomposition. Larger data are decomposed from the column side.</summary>
    private const long MaxRowSideValues = 1L << 28;

    /// <summary>Directions that are sought beyond those that are asked for.</summary>
    private const int Oversampling = 10;

    private PrincipalComponents(Tensor mean, Tensor directions)
    {
        Mean = mean;
        Directions = directions;
    }

    /// <summary>Gets the mean row, <c>[D]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Gets orthonormal directions by falling variance, one in each column: <c>[D, R]</c>.</summary>
    public Tensor Directions { get; }

    /// <summary>Returns all D directions of dense rows, exactly.</summary>
    public static PrincipalComponents Exact(IReadOnlyList<DenseRows> sets)
    {
        using DisposeScope scope = NewDisposeScope();
        int width = sets[0].Width;
        Tensor mean = MeanOf(sets);
        // Blocks are multiplied in single precision and added up in double.
        Tensor covariance = zeros(width, width, ScalarType.Float64);
        foreach (DenseRows set in sets)
        {
            foreach ((int start, int count) in Blocks(set))
            {
                using DisposeScope block = NewDisposeScope();
                Tensor rows = BlockOf(set, start, count) - mean;
                covariance.Add(rows.t().mm(rows).to(ScalarType.Float64));
            }
        }
        Tensor vectors = Eigenvectors(covariance);
        Tensor directions = WithFixedSigns(vectors.flip(1)).to(ScalarType.Float32).contiguous();
        return new PrincipalComponents(mean.MoveToOuterDisposeScope(), directions.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Returns the first directions by a randomised range finder with power iterations (Halko, Martinsson and Tropp 2011, arXiv:0909.4061,
    /// algorithms 4.4 and 5.1). Rows are never centred in place, so sparse rows stay sparse.
    /// </summary>
    /// <param name="sets">The rows, dense or sparse.</param>
    /// <param name="rank">The number of directions R.</param>
    /// <param name="random">Draws the range finder's start.</param>
    /// <param name="maxRowSideValues">
    /// The most numbers that the row side may have, N · R; beyond, only the column side is kept, for one more pass over the rows.
    /// </param>
    public static PrincipalComponents Randomised(
        IReadOnlyList<VectorRows> sets, int rank, Random random, long maxRowSideValues = MaxRowSideValues)
    {
        const int PowerIterations = 2;
        using DisposeScope scope = NewDisposeScope();
        int width = sets[0].Width;
        long count = sets.Sum(s => (long)s.Count);
        int sketch = (int)Math.Min(Math.Min(rank + Oversampling, width), count);
        Tensor mean = MeanOf(sets);
        if (count * sketch > maxRowSideValues)
        {
            Tensor found = FromColumnSide(
                sets, mean, Orthonormal(Gaussian(width, sketch, random)), Math.Min(rank, sketch), PowerIterations);
            return new PrincipalComponents(mean.MoveToOuterDisposeScope(), found.MoveToOuterDisposeScope());
        }
        // Only the side of the rows is made orthonormal between products: the side of the columns is often far longer.
        Tensor range = Orthonormal(Times(sets, mean, Gaussian(width, sketch, random)));
        for (int i = 0; i < PowerIterations; i++)
        {
            range = Orthonormal(Times(sets, mean, TransposeTimes(sets, mean, range)));
        }
        Tensor small = TransposeTimes(sets, mean, range);
        Tensor inner = Eigenvectors(small.t().mm(small).to(ScalarType.Float64));
        Tensor vectors = small.mm(inner.flip(1).narrow(1, 0, Math.Min(rank, sketch)).to(ScalarType.Float32));
        // Directions without variance come out as zeros; QR makes all of them orthonormal and keeps the order.
        Tensor directions = WithFixedSigns(Orthonormal(vectors)).contiguous();
        return new PrincipalComponents(mean.MoveToOuterDisposeScope(), directions.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Computes the coordinates of rows along the directions, (x − mean) · directions, and passes them on block by block: <c>[n, R]</c>.
    /// </summary>
    public void Project(VectorRows rows, Action<Tensor> write)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = Mean.unsqueeze(0).mm(Directions);
        float[] factor = rows is SparseRows ? RowProducts.ToArray(Directions) : [];
        foreach ((int start, int count) in Blocks(rows))
        {
            using DisposeScope block = NewDisposeScope();
            write(Times(rows, start, count, Directions, factor) - shift);
        }
    }

    /// <summary>Returns the numbers that a randomised decomposition keeps on the column side.</summary>
    public static long ColumnSideValues(int width, int rank) => (long)width * Math.Min(rank + Oversampling, width);

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

    private static IEnumerable<(int Start, int Count)> Blocks(VectorRows rows)
    {
        int max = (int)Math.Clamp(BlockValues / rows.Width, 1, MaxBlockRows);
        for (long start = 0; start < rows.Count; start += max)
        {
            yield return ((int)start, (int)Math.Min(max, rows.Count - start));
        }
    }

    private static Tensor BlockOf(DenseRows set, int start, int count)
    {
        Tensor block = empty(count, set.Width);
        set.Read(start, block.Values());
        return block;
    }

    /// <summary>Returns the directions by subspace iteration on the covariance, which needs no room for the rows' side.</summary>
    private static Tensor FromColumnSide(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor basis, int rank, int iterations)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < iterations + 1; i++)
        {
            basis = Orthonormal(CovarianceTimes(sets, mean, basis));
        }
        Tensor small = basis.t().mm(CovarianceTimes(sets, mean, basis)).to(ScalarType.Float64);
        Tensor inner = Eigenvectors(small.Plus(small.t()));
        Tensor directions = basis.mm(inner.flip(1).narrow(1, 0, rank).to(ScalarType.Float32));
        return WithFixedSigns(Orthonormal(directions)).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Computes (X − 1 meanᵀ)ᵀ · (X − 1 meanᵀ) · right, block by block.</summary>
    private static Tensor CovarianceTimes(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = mean.unsqueeze(0).mm(right);
        Tensor sum = zeros(right.shape[0], right.shape[1]);
        Tensor total = zeros(right.shape[1]);
        float[] factor = sets.Any(s => s is SparseRows) ? RowProducts.ToArray(right) : [];
        foreach (VectorRows set in sets)
        {
            foreach ((int start, int count) in Blocks(set))
            {
                using DisposeScope block = NewDisposeScope();
                if (set is DenseRows dense)
                {
                    Tensor rows = BlockOf(dense, start, count);
                    Tensor product = rows.mm(right) - shift;
                    sum.Add(rows.t().mm(product));
                    total.Add(product.sum([0L]));
                }
                else
                {
                    Tensor product = Times(set, start, count, right, factor) - shift;
                    RowProducts.AddTransposeTimes(sum.Values(), (SparseRows)set, start, product);
                    total.Add(product.sum([0L]));
                }
            }
        }
        return (sum - mean.unsqueeze(1).mm(total.unsqueeze(0))).MoveToOuterDisposeScope();
    }

    /// <summary>Returns some rows times a matrix, which sparse rows take as numbers.</summary>
    private static Tensor Times(VectorRows rows, int start, int count, Tensor right, float[] factor) => rows is DenseRows dense
        ? BlockOf(dense, start, count).mm(right)
        : RowProducts.Times((SparseRows)rows, start, count, factor, (int)right.shape[1]);

    /// <summary>(X − 1 meanᵀ) · right, for all sets one below the other.</summary>
    private static Tensor Times(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = mean.unsqueeze(0).mm(right);
        var parts = new List<Tensor>();
        foreach (VectorRows set in sets)
        {
            float[] factor = set is SparseRows ? RowProducts.ToArray(right) : [];
            foreach ((int start, int count) in Blocks(set))
            {
                using DisposeScope block = NewDisposeScope();
                parts.Add(Times(set, start, count, right, factor).MoveToOuterDisposeScope());
            }
        }
        return (cat(parts, 0) - shift).MoveToOuterDisposeScope();
    }

    /// <summary>(X − 1 meanᵀ)ᵀ · right, for all sets one below the other.</summary>
    private static Tensor TransposeTimes(IReadOnlyList<VectorRows> sets, Tensor mean, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = mean.unsqueeze(1).mm(right.sum([0L]).unsqueeze(0)).neg().contiguous();
        long first = 0;
        foreach (VectorRows set in sets)
        {
            if (set is DenseRows dense)
            {
                foreach ((int start, int count) in Blocks(set))
                {
                    using DisposeScope block = NewDisposeScope();
                    sum.Add(BlockOf(dense, start, count).t().mm(right.narrow(0, first + start, count)));
                }
            }
            else
            {
                RowProducts.AddTransposeTimes(sum.Values(), (SparseRows)set, 0, right.narrow(0, first, set.Count));
            }
            first += set.Count;
        }
        return sum.MoveToOuterDisposeScope();
    }

    private static Tensor Orthonormal(Tensor columns)
    {
        using ThreadLimit one = ThreadLimit.ToOne();
        return linalg.qr(columns).Q;
    }

    /// <summary>Returns the eigenvectors of a symmetric matrix by rising eigenvalues, one in each column.</summary>
    public static Tensor Eigenvectors(Tensor symmetric)
    {
        using ThreadLimit one = ThreadLimit.ToOne();
        return linalg.eigh(symmetric).Item2;
    }

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

    /// <summary>
    /// Returns directions with fixed signs. A direction and its opposite are equally good, so the one whose largest value is positive is
    /// used.
    /// </summary>
    public static Tensor WithFixedSigns(Tensor directions)
    {
        Tensor largest = directions.abs().argmax(0, keepdim: true);
        Tensor signs = directions.gather(0, largest).sign();
        return directions * where(signs.to(ScalarType.Bool), signs, ones_like(signs));
    }
}

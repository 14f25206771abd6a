using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>Represents the mean of some rows and their directions of most variance.</summary>
internal sealed class PrincipalDirections
{
    // Halko, Martinsson and Tropp 2011, arXiv:0909.4061: some directions beyond those asked for, and two power iterations, make the rest
    // negligible.
    private const int Oversampling = 10;
    private const int Iterations = 3;
    private const int RowsAtOnce = 256;

    private PrincipalDirections(long count, double[] mean, double[] directions, double[] variances, double totalVariance)
    {
        Count = count;
        Mean = mean;
        Directions = directions;
        Variances = variances;
        TotalVariance = totalVariance;
    }

    /// <summary>Gets the number of rows N.</summary>
    public long Count { get; }

    /// <summary>Gets the mean row, <c>[D]</c>.</summary>
    public double[] Mean { get; }

    /// <summary>
    /// Gets orthonormal directions by falling variance, one in each row, <c>[R, D]</c>; zeros where the rows do not vary in as many.
    /// </summary>
    public double[] Directions { get; }

    /// <summary>Gets the variance along each direction, with N − 1 as its divisor, <c>[R]</c>.</summary>
    public double[] Variances { get; }

    /// <summary>Gets the variance along all D directions together.</summary>
    public double TotalVariance { get; }

    /// <summary>Finds the first directions exactly, from the scatter matrix of the rows.</summary>
    /// <param name="rows">At least one row, gathered.</param>
    /// <param name="width">The width D of a row.</param>
    /// <param name="rank">The number of directions R, at most D.</param>
    public static PrincipalDirections Exact(ScatterSum rows, int width, int rank)
    {
        (double[] mean, double[] scatter) = rows.Complete();
        double total = 0;
        for (int i = 0; i < width; i++)
        {
            total += scatter[(i * width) + i];
        }
        (double[] values, double[] vectors) = SymmetricEigen.Decompose(scatter, width);
        return new PrincipalDirections(rows.Count, mean, vectors[..(rank * width)], VariancesOf(values, rank, rows.Count),
            Divide(total, rows.Count));
    }

    /// <summary>
    /// Finds the first directions by a randomised subspace iteration, which reads the rows four times and never holds them (Halko,
    /// Martinsson and Tropp 2011, arXiv:0909.4061, algorithm 4.4).
    /// </summary>
    /// <param name="rows">Reads all rows.</param>
    /// <param name="width">The width D of a row.</param>
    /// <param name="rank">The number of directions R, at most D.</param>
    /// <param name="random">Draws the start.</param>
    public static PrincipalDirections Randomized(RowPass rows, int width, int rank, Random random)
    {
        int sketch = Math.Min(rank + Oversampling, width);
        double[] basis = Gaussian(sketch, width, random);
        Orthonormal.Make(basis, sketch, width);
        var products = new ScatterProducts(width, sketch);
        for (int i = 0; i < Iterations; i++)
        {
            basis = products.Multiply(rows, basis);
            Orthonormal.Make(basis, sketch, width);
        }
        double[] multiplied = products.Multiply(rows, basis);
        var small = new double[sketch * sketch];
        for (int i = 0; i < sketch; i++)
        {
            for (int j = 0; j < sketch; j++)
            {
                double value = TensorPrimitives.Dot<double>(basis.AsSpan(i * width, width), multiplied.AsSpan(j * width, width)) / 2;
                small[(i * sketch) + j] += value;
                small[(j * sketch) + i] += value;
            }
        }
        (double[] values, double[] inner) = SymmetricEigen.Decompose(small, sketch);
        var directions = new double[rank * width];
        Parallel.For(0, rank, k =>
        {
            Span<double> direction = directions.AsSpan(k * width, width);
            for (int i = 0; i < sketch; i++)
            {
                TensorPrimitives.MultiplyAdd(basis.AsSpan(i * width, width), inner[(k * sketch) + i], direction, direction);
            }
        });
        Orthonormal.Make(directions, rank, width);
        for (int k = 0; k < rank; k++)
        {
            SymmetricEigen.FixSign(directions.AsSpan(k * width, width));
        }
        return new PrincipalDirections(products.Count, products.Mean, directions, VariancesOf(values, rank, products.Count),
            Divide(products.TotalScatter, products.Count));
    }

    private static double[] VariancesOf(double[] scatter, int rank, long count) =>
        [.. scatter.Take(rank).Select(value => Divide(Math.Max(0, value), count))];

    private static double Divide(double scatter, long count) => scatter / Math.Max(1, count - 1);

    private static double[] Gaussian(int rows, int columns, Random random)
    {
        var values = new double[rows * columns];
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
            values[i] = radius * cos;
            if (i + 1 < values.Length)
            {
                values[i + 1] = radius * sin;
            }
        }
        return values;
    }

    /// <summary>
    /// Computes products of the scatter matrix of the rows with some vectors, without the matrix itself. The mean is known after the first
    /// product.
    /// </summary>
    private sealed class ScatterProducts(int width, int count) : RowSink
    {
        private readonly float[] _block = new float[RowsAtOnce * width];
        private readonly float[] _products = new float[RowsAtOnce * count];
        private readonly float[] _factors = new float[checked(width * count)];
        private readonly float[] _shift = new float[count];
        private readonly double[] _wide = new double[count];
        private double[] _sums = [];
        private double[] _total = [];
        private double[] _rowSum = [];
        private double _squares;
        private int _rows;

        public long Count { get; private set; }

        public double[] Mean { get; private set; } = new double[width];

        /// <summary>Σ |x − mean|², as the last pass found it.</summary>
        public double TotalScatter { get; private set; }

        /// <summary>Computes Σ (x − mean) ((x − mean) · v) for each vector v, one in each row, <c>[count, D]</c>.</summary>
        public double[] Multiply(RowPass rows, double[] vectors)
        {
            for (int k = 0; k < count; k++)
            {
                ReadOnlySpan<double> vector = vectors.AsSpan(k * width, width);
                for (int c = 0; c < width; c++)
                {
                    _factors[(c * count) + k] = (float)vector[c];
                }
                _shift[k] = -(float)TensorPrimitives.Dot<double>(vector, Mean);
            }
            _sums = new double[width * count];
            _total = new double[count];
            _rowSum = new double[width];
            _squares = 0;
            Count = 0;
            rows(this);
            Flush();
            double divisor = Math.Max(1, Count);
            Mean = Array.ConvertAll(_rowSum, sum => sum / divisor);
            TotalScatter = Math.Max(0, _squares - (divisor * TensorPrimitives.SumOfSquares<double>(Mean)));
            var result = new double[count * width];
            for (int c = 0; c < width; c++)
            {
                for (int k = 0; k < count; k++)
                {
                    result[(k * width) + c] = _sums[(c * count) + k] - (Mean[c] * _total[k]);
                }
            }
            return result;
        }

        public override void Add(ReadOnlySpan<float> row)
        {
            if (_rows == RowsAtOnce)
            {
                Flush();
            }
            row.CopyTo(_block.AsSpan(_rows++ * width));
            _squares += PrefixNorms.Dot(row, row);
            Count++;
        }

        public override void Add(ReadOnlySpan<int> indices, ReadOnlySpan<float> values)
        {
            Span<float> product = _products.AsSpan(0, count);
            LinearKernel.Sparse(indices, values, _factors, _shift, product);
            TensorPrimitives.ConvertTruncating<float, double>(product, _wide);
            TensorPrimitives.Add(_total, _wide, _total);
            for (int i = 0; i < values.Length; i++)
            {
                Span<double> sums = _sums.AsSpan(indices[i] * count, count);
                TensorPrimitives.MultiplyAdd(_wide, values[i], sums, sums);
                _rowSum[indices[i]] += values[i];
            }
            _squares += PrefixNorms.Dot(values, values);
            Count++;
        }

        private void Flush()
        {
            const int Part = 16;
            int rows = _rows;
            Parallel.For(0, (rows + Part - 1) / Part, part =>
            {
                int first = part * Part, some = Math.Min(Part, rows - first);
                LinearKernel.Dense(_block.AsSpan(first * width, some * width), some, width, _factors, _shift,
                    _products.AsSpan(first * count, some * count), count);
            });
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<float> own = _block.AsSpan(row * width, width);
                for (int c = 0; c < width; c++)
                {
                    _rowSum[c] += own[c];
                }
                for (int k = 0; k < count; k++)
                {
                    _total[k] += _products[(row * count) + k];
                }
            }
            TransposedProducts.Add(_block, width, _products, count, rows, _sums);
            _rows = 0;
        }
    }
}

/// <summary>Takes rows one after the other.</summary>
internal abstract class RowSink
{
    /// <summary>Takes a dense row, <c>[D]</c>.</summary>
    public abstract void Add(ReadOnlySpan<float> row);

    /// <summary>Takes a sparse row: values at ascending places, zeros elsewhere.</summary>
    public abstract void Add(ReadOnlySpan<int> indices, ReadOnlySpan<float> values);
}

/// <summary>Passes all rows to a sink, from the first to the last; may be called again for another pass.</summary>
internal delegate void RowPass(RowSink sink);

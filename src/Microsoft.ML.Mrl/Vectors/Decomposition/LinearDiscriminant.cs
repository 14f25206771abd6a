using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>
/// Represents the shrunken linear discriminant (Fisher 1936; shrinkage as in Friedman 1989): the directions along which class means differ
/// most where the spread within classes counts as 1, by falling ratio, and after them, among the directions that do not tell classes apart,
/// those of most variance.
/// </summary>
internal sealed class LinearDiscriminant
{
    // A ratio this much smaller than the greatest is rounding: the means do not differ in that direction.
    private const double NoDifference = 1e-9;

    private LinearDiscriminant(double[] mean, double[] directions, double[] ratios, double totalRatio)
    {
        Mean = mean;
        Directions = directions;
        Ratios = ratios;
        TotalRatio = totalRatio;
    }

    /// <summary>Gets the mean row, <c>[D]</c>.</summary>
    public double[] Mean { get; }

    /// <summary>
    /// Gets the directions w, one in each row, <c>[R, D]</c>, with wᵀ S w = 1 for the shrunken spread S within classes, and 0 between two
    /// of them.
    /// </summary>
    public double[] Directions { get; }

    /// <summary>
    /// Gets the variance of the class means along each direction, by the shrunken variance within classes, <c>[R]</c>; 0 for directions
    /// that only fill up.
    /// </summary>
    public double[] Ratios { get; }

    /// <summary>Gets the sum of all ratios.</summary>
    public double TotalRatio { get; }

    /// <summary>Finds the directions.</summary>
    /// <param name="rows">The rows, gathered.</param>
    /// <param name="width">The width D of a row.</param>
    /// <param name="classSums">The sum of the rows of each of C classes, <c>[C][D]</c>; at least 2.</param>
    /// <param name="classCounts">The number of rows of each class, each at least 1.</param>
    /// <param name="rank">The number of directions R, at most D.</param>
    /// <param name="shrinkage">The share of a sphere of the same trace in the spread within classes, above 0 and at most 1.</param>
    /// <returns>The directions, or null where all rows are equal.</returns>
    public static LinearDiscriminant? Find(ScatterSum rows, int width, IReadOnlyList<double[]> classSums, IReadOnlyList<int> classCounts,
        int rank, double shrinkage)
    {
        (double[] mean, double[] within) = rows.Complete();
        double count = rows.Count;
        // Means of the classes less that of all, weighted so that their products add up to the variance between classes.
        double[][] means = [.. classSums.Select((sum, c) => Enumerable.Range(0, width)
            .Select(i => ((sum[i] / classCounts[c]) - mean[i]) * Math.Sqrt(classCounts[c] / count)).ToArray())];
        double total = Trace(within, width) / count;
        if (!(total > 0))
        {
            return null;
        }
        TensorPrimitives.Divide(within, count, within);
        Parallel.For(0, width, i =>
        {
            Span<double> row = within.AsSpan(i * width, width);
            foreach (double[] difference in means)
            {
                TensorPrimitives.MultiplyAdd(difference, -difference[i], row, row);
            }
        });
        LowerTriangle factor = Factor(within, width, shrinkage, total);

        factor.Solve(means);
        (double[] ratios, List<double[]> chosen) = Discriminants(means, width, rank);
        double totalRatio = means.Sum(difference => TensorPrimitives.SumOfSquares<double>(difference));
        var directions = new double[rank * width];
        for (int k = 0; k < chosen.Count; k++)
        {
            chosen[k].CopyTo(directions, k * width);
        }
        Orthonormal.Make(directions, chosen.Count, width);
        if (chosen.Count < rank)
        {
            Fill(directions, chosen.Count, rank, within, factor, width);
        }
        return new LinearDiscriminant(mean, Unwhitened(directions, factor, width, rank), ratios, totalRatio);
    }

    private static LowerTriangle Factor(double[] within, int width, double shrinkage, double total)
    {
        // Where rows of a class are all alike, any sphere will do that is larger than the rounding of the products.
        double sphere = shrinkage * Math.Max(Trace(within, width), 1e-6 * total) / width;
        for (; ; sphere *= 10)
        {
            var factor = new LowerTriangle(width);
            for (int i = 0; i < width; i++)
            {
                TensorPrimitives.Multiply(within.AsSpan(i * width, i + 1), 1 - shrinkage, factor.Row(i));
            }
            factor.AddToDiagonal(sphere);
            factor.Factorize();
            if (Enumerable.Range(0, width).All(i => factor.Row(i)[^1] > 0))
            {
                return factor;
            }
        }
    }

    /// <summary>
    /// Returns the ratios, <c>[rank]</c>, and as many orthogonal directions of the whitened space as class means differ in.
    /// </summary>
    private static (double[] Ratios, List<double[]> Directions) Discriminants(double[][] whitened, int width, int rank)
    {
        int classes = whitened.Length;
        bool fewClasses = classes <= width;
        int side = fewClasses ? classes : width;
        var products = new double[side * side];
        if (fewClasses)
        {
            for (int i = 0; i < side; i++)
            {
                for (int j = 0; j < side; j++)
                {
                    products[(i * side) + j] = TensorPrimitives.Dot<double>(whitened[i], whitened[j]);
                }
            }
        }
        else
        {
            Parallel.For(0, side, i =>
            {
                Span<double> row = products.AsSpan(i * side, side);
                foreach (double[] difference in whitened)
                {
                    TensorPrimitives.MultiplyAdd(difference, difference[i], row, row);
                }
            });
        }
        (double[] values, double[] vectors) = SymmetricEigen.Decompose(products, side);
        int kept = values.Take(Math.Min(rank, Math.Min(classes - 1, width))).TakeWhile(value => value > NoDifference * values[0]).Count();
        var ratios = new double[rank];
        values.AsSpan(0, kept).CopyTo(ratios);
        var directions = new List<double[]>();
        for (int k = 0; k < kept; k++)
        {
            ReadOnlySpan<double> vector = vectors.AsSpan(k * side, side);
            double[] direction = fewClasses ? new double[width] : vector.ToArray();
            for (int c = 0; fewClasses && c < classes; c++)
            {
                TensorPrimitives.MultiplyAdd(whitened[c], vector[c], direction, direction);
            }
            directions.Add(direction);
        }
        return (ratios, directions);
    }

    /// <summary>Adds the directions of most variance of the whitened space among those that are orthogonal to the ones there.</summary>
    private static void Fill(double[] directions, int found, int rank, double[] within, LowerTriangle factor, int width)
    {
        // L⁻¹ (L⁻¹ S)ᵀ, for the spread S without shrinkage.
        factor.Solve(within, width);
        Transpose(within, width);
        factor.Solve(within, width);
        double above = 2 * (Trace(within, width) + 1);
        for (int side = 0; side < 2; side++)
        {
            Parallel.For(0, width, i =>
            {
                Span<double> row = within.AsSpan(i * width, width);
                for (int k = 0; k < found; k++)
                {
                    ReadOnlySpan<double> direction = directions.AsSpan(k * width, width);
                    TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot(row, direction), row, row);
                }
            });
            Transpose(within, width);
        }
        // Those that are there come last, and are not taken again.
        for (int k = 0; k < found; k++)
        {
            ReadOnlySpan<double> direction = directions.AsSpan(k * width, width);
            for (int i = 0; i < width; i++)
            {
                Span<double> row = within.AsSpan(i * width, width);
                TensorPrimitives.MultiplyAdd(direction, -above * direction[i], row, row);
            }
        }
        (_, double[] vectors) = SymmetricEigen.Decompose(within, width);
        vectors.AsSpan(0, (rank - found) * width).CopyTo(directions.AsSpan(found * width));
    }

    private static double[] Unwhitened(double[] directions, LowerTriangle factor, int width, int rank)
    {
        var columns = new double[width * rank];
        for (int k = 0; k < rank; k++)
        {
            for (int i = 0; i < width; i++)
            {
                columns[(i * rank) + k] = directions[(k * width) + i];
            }
        }
        factor.SolveTransposed(columns, rank);
        var result = new double[rank * width];
        for (int k = 0; k < rank; k++)
        {
            Span<double> row = result.AsSpan(k * width, width);
            for (int i = 0; i < width; i++)
            {
                row[i] = columns[(i * rank) + k];
            }
            SymmetricEigen.FixSign(row);
        }
        return result;
    }

    private static double Trace(double[] matrix, int width) => Enumerable.Range(0, width).Sum(i => matrix[(i * width) + i]);

    private static void Transpose(double[] matrix, int width)
    {
        for (int i = 0; i < width; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (matrix[(i * width) + j], matrix[(j * width) + i]) = (matrix[(j * width) + i], matrix[(i * width) + j]);
            }
        }
    }
}

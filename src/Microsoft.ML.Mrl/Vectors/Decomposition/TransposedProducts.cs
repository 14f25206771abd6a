namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>Sums AᵀB over blocks of rows: products in single precision within a block, sums over the blocks in double precision.</summary>
/// <remarks>The result does not depend on the number of threads.</remarks>
internal static unsafe class TransposedProducts
{
    private const int Queries = PrefixDotProducts.TileQueries;
    private const int Documents = PrefixDotProducts.PanelDocuments;

    /// <summary>Adds AᵀB.</summary>
    /// <param name="left">A, <c>[rows, n]</c>.</param>
    /// <param name="leftWidth">n.</param>
    /// <param name="right">B, <c>[rows, m]</c>.</param>
    /// <param name="rightWidth">m.</param>
    /// <param name="rows">The number of rows, a few hundred at most: more would lose digits.</param>
    /// <param name="sums">The sums, <c>[n, m]</c>.</param>
    /// <param name="onlyLower">Whether only the values at and below the diagonal are wanted; others are then left in any state.</param>
    public static void Add(float[] left, int leftWidth, float[] right, int rightWidth, int rows, double[] sums, bool onlyLower = false)
    {
        if (rows == 0)
        {
            return;
        }
        // Groups of neighbouring columns, [groups, rows, lanes]: what the kernel takes for vectors are columns here, and the rows are their values.
        float[] queries = Pack(left, leftWidth, rows, Queries);
        float[] documents = Pack(right, rightWidth, rows, Documents);
        Parallel.For(0, (rightWidth + Documents - 1) / Documents, panel =>
        {
            int column = panel * Documents;
            int firstGroup = onlyLower ? column / Queries : 0;
            float* tile = stackalloc float[Queries * Documents];
            fixed (float* query = queries, document = documents)
            {
                for (int group = firstGroup; group * Queries < leftWidth; group++)
                {
                    new Span<float>(tile, Queries * Documents).Clear();
                    TileKernel.Accumulate(query + ((nint)group * rows * Queries), document + ((nint)panel * rows * Documents), rows, tile);
                    AddTile(tile, group * Queries, leftWidth, column, rightWidth, sums);
                }
            }
        });
    }

    private static void AddTile(float* tile, int row, int height, int column, int width, double[] sums)
    {
        int columns = Math.Min(Documents, width - column);
        for (int i = 0; i < Queries && row + i < height; i++)
        {
            Span<double> target = sums.AsSpan(checked((int)(((long)(row + i) * width) + column)), columns);
            float* source = tile + (i * Documents);
            for (int j = 0; j < target.Length; j++)
            {
                target[j] += source[j];
            }
        }
    }

    private static float[] Pack(float[] values, int width, int rows, int lanes)
    {
        int groups = (width + lanes - 1) / lanes;
        var packed = new float[checked(groups * rows * lanes)];
        for (int row = 0; row < rows; row++)
        {
            for (int group = 0; group < groups; group++)
            {
                int first = group * lanes;
                values.AsSpan((row * width) + first, Math.Min(lanes, width - first)).CopyTo(packed.AsSpan(((group * rows) + row) * lanes));
            }
        }
        return packed;
    }
}

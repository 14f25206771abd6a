namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Compares queries with all rows on several threads.</summary>
internal static class ParallelScan
{
    /// <summary>A scan begins at a multiple of so many rows.</summary>
    public const int RowsAtOnce = 32;

    private const int MaxQueriesAtOnce = 64;

    // What goes to a thread at least, in values of rows that are compared.
    private const long ValuesForThread = 1 << 18;

    /// <summary>Compares some queries with some rows.</summary>
    /// <param name="firstQuery">The first of the queries.</param>
    /// <param name="firstRow">The first of the rows.</param>
    /// <param name="lastRow">The row behind the last.</param>
    /// <param name="lists">Take the rows, each those of a query from the first on.</param>
    public delegate void Scan(int firstQuery, int firstRow, int lastRow, TopKeys[] lists);

    /// <summary>The best rows of each query: strips of queries go over parts of the rows, which are as many as there are threads without a
    /// strip.</summary>
    /// <param name="queries">The number of queries.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="valuesOfRow">What a comparison reads, in values.</param>
    /// <param name="top">How many rows are wanted.</param>
    /// <param name="threads">The most threads; -1 for no limit.</param>
    /// <param name="scan">Compares.</param>
    public static TopKeys[] Run(int queries, int rows, int valuesOfRow, int top, int threads, Scan scan)
    {
        TopKeys[] found = New(queries);
        int cores = threads < 0 ? Environment.ProcessorCount : Math.Min(threads, Environment.ProcessorCount);
        int busy = (int)Math.Clamp((long)rows * valuesOfRow * queries / ValuesForThread, 1, cores);
        int strip = Math.Clamp((queries + busy - 1) / busy, 1, MaxQueriesAtOnce), strips = (queries + strip - 1) / strip;
        int blocks = (rows + RowsAtOnce - 1) / RowsAtOnce, parts = Math.Clamp(busy / Math.Max(strips, 1), 1, Math.Max(blocks, 1));
        Parallel.For(0, strips * parts, new ParallelOptions { MaxDegreeOfParallelism = busy }, work =>
        {
            (int first, int part) = Math.DivRem(work, parts);
            first *= strip;
            TopKeys[] own = New(Math.Min(strip, queries - first));
            scan(first, StartOf(part), StartOf(part + 1), own);
            for (int q = 0; q < own.Length; q++)
            {
                lock (found[first + q])
                {
                    found[first + q].Add(own[q]);
                }
            }
        });
        return found;

        int StartOf(int part) => (int)Math.Min((long)blocks * part / parts * RowsAtOnce, rows);

        TopKeys[] New(int lists)
        {
            var made = new TopKeys[lists];
            for (int i = 0; i < lists; i++)
            {
                made[i] = new TopKeys(Math.Max(1, Math.Min(top, rows)));
            }
            return made;
        }
    }
}

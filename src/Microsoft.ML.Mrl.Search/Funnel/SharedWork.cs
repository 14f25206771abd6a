namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Shares out work piece by piece, so that no thread waits long for another at the end: a parallel loop hands out up to 16 pieces
/// at once.</summary>
internal static class SharedWork
{
    /// <summary>Does some pieces of work.</summary>
    /// <param name="first">The first piece.</param>
    /// <param name="end">The piece behind the last.</param>
    /// <param name="threads">The most threads; -1 for no limit.</param>
    /// <param name="worker">Makes what does a piece, for one thread.</param>
    public static void Run(int first, int end, int threads, Func<Action<int>> worker)
    {
        int workers = Math.Min(threads < 0 ? Environment.ProcessorCount : threads, end - first), next = first - 1;
        if (workers == 1)
        {
            Work();
        }
        else if (workers > 1)
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ => Work());
        }

        void Work()
        {
            Action<int> own = worker();
            for (int i = Interlocked.Increment(ref next); i < end; i = Interlocked.Increment(ref next))
            {
                own(i);
            }
        }
    }
}

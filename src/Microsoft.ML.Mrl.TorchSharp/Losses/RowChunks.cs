using TorchSharp;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Work on the rows of a batch in chunks of a fixed size, on as many threads as libtorch may use. What is added up over rows is added up by chunk and then
/// over the chunks in order, so that a result is the same for any number of threads.
/// </summary>
internal static class RowChunks
{
    private const int Rows = 32;

    /// <summary>The number of chunks of that many rows.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>Runs the work, given the number of a chunk and its rows, from and to, once for each chunk.</summary>
    public static void ForEach(int rows, Action<int, int, int> work)
    {
        int chunks = Count(rows);
        int threads = torch.get_num_threads();
        if (threads <= 1 || chunks == 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                Run(chunk);
            }
            return;
        }
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Run);

        void Run(int chunk) => work(chunk, chunk * Rows, Math.Min(rows, (chunk + 1) * Rows));
    }
}

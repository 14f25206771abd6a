using TorchSharp;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Work on many numbers or rows in chunks of a fixed size, on as many threads as libtorch may use. What is added up is added up by chunk
/// and then over the chunks in order, so that a result is the same for any number of threads.
/// </summary>
internal static class FixedChunks
{
    /// <summary>The number of chunks.</summary>
    public static int Count(int length, int size) => (length + size - 1) / size;

    /// <summary>Runs the work, given the number of a chunk and its bounds, from and to, once for each chunk.</summary>
    public static void ForEach(int length, int size, Action<int, int, int> work)
    {
        int chunks = Count(length, size);
        int threads = torch.get_num_threads();
        if (threads <= 1 || chunks <= 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                Run(chunk);
            }
            return;
        }
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Run);

        void Run(int chunk) => work(chunk, chunk * size, (int)Math.Min(length, (chunk + 1L) * size));
    }
}

using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML;

public static partial class MrlTrainingCatalog
{
    /// <summary>Loads libtorch and TorchSharp's native library into the process, so that TorchSharp can be used.</summary>
    /// <param name="mrl">The operations, as <c>mlContext.Mrl()</c> gives them.</param>
    /// <remarks>
    /// <para>
    /// Training loads libtorch by itself. Call this method before anything else of TorchSharp is touched where other code needs it:
    /// TorchSharp itself, or Microsoft.ML.TorchSharp's trainers. On linux-x64 with a libstdc++ older than GCC 13 (Debian 12, Ubuntu 22.04)
    /// those fail with "version `GLIBCXX_3.4.32' not found"; after this call they work. There, a copy of TorchSharp's library without the
    /// one import that is missing is loaded from memory; no file is changed or left behind.
    /// </para>
    /// <para>
    /// Idle threads of OpenMP sleep rather than spin (OMP_WAIT_POLICY is PASSIVE, on Windows KMP_BLOCKTIME is 0), unless the environment
    /// says otherwise. Later calls return at once; a call after one that failed tries again. The method is safe for concurrent use.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="mrl"/> is <see langword="null"/>.</exception>
    /// <exception cref="LibTorchLoadException">
    /// A native file is missing or does not load. The message says which, and what to do.
    /// </exception>
    public static void LoadLibTorch(this MrlOperations mrl)
    {
        ArgumentNullException.ThrowIfNull(mrl);
        LibTorch.EnsureLoaded();
    }
}

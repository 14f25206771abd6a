namespace Microsoft.ML.Mrl;

/// <summary>Represents the failure to load the native libraries of libtorch or TorchSharp, without which nothing can be trained.</summary>
/// <remarks>
/// The message says which file was asked for, what was found, and what to do: most often, to add the package TorchSharp-cpu (or a CUDA one)
/// to the application. Serving and evaluating trained embeddings never load libtorch and never throw this.
/// </remarks>
public sealed class LibTorchLoadException : Exception
{
    internal LibTorchLoadException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

namespace Microsoft.ML.Mrl;

/// <summary>
/// Thrown when training cannot start because the native libraries of libtorch or TorchSharp are missing or do not load.
/// </summary>
/// <remarks>
/// The message says which file was asked for, what was found, and what to do: most often, to add the package TorchSharp-cpu
/// (or a CUDA one) to the application. Serving and evaluating trained embeddings never loads libtorch and never throws this.
/// </remarks>
public sealed class LibTorchLoadException : Exception
{
    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What was asked, what was found, what to do.</param>
    public LibTorchLoadException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    /// <param name="message">What was asked, what was found, what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public LibTorchLoadException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

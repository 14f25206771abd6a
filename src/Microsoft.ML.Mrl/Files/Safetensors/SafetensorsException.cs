namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>Represents the error of a safetensors file that is damaged, or that has other tensors than those requested.</summary>
internal sealed class SafetensorsException : FormatException
{
    public SafetensorsException(string path, string? tensor, string expected, string found, string advice, Exception? inner = null)
        : base($"'{path}'{(tensor is null ? "" : $", tensor '{tensor}'")}: expected {expected}, found {found}. {advice}".TrimEnd(), inner)
    {
        FilePath = path;
        TensorName = tensor;
        Expected = expected;
        Found = found;
    }

    /// <summary>Gets the file.</summary>
    public string FilePath { get; }

    /// <summary>Gets the tensor that is wrong or missing, or <see langword="null"/> if the file as a whole is.</summary>
    public string? TensorName { get; }

    /// <summary>Gets the expected content, in words.</summary>
    public string Expected { get; }

    /// <summary>Gets the content that was found, in words.</summary>
    public string Found { get; }
}

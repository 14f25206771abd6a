
namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Checks the files in which a model keeps weights outside the .onnx file. They are named relative to its folder.</summary>
internal static class OnnxSideFiles
{
    /// <summary>Throws an exception if the output could not find those files.</summary>
    /// <exception cref="InvalidOperationException">The model has side files and would go into another folder.</exception>
    /// <exception cref="FileNotFoundException">A side file is not there.</exception>
    /// <exception cref="InvalidDataException">A weight is said to be in a side file that is not named.</exception>
    public static void Check(ModelProto model, string encoderPath, string outputPath)
    {
        string[] files = [.. OnnxWalk.Tensors(model).Where(t =>
            t.DataLocation == TensorProto.Types.DataLocation.External).Select(Location).Distinct()];
        if (files.Length == 0)
        {
            return;
        }
        string from = Folder(encoderPath);
        string to = Folder(outputPath);
        string named = string.Join(", ", files.Take(3).Select(f => $"'{f}'")) + (files.Length > 3 ? ", …" : "");
        if (!string.Equals(from, to, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                $"The encoder keeps weights in side files ({named}), which are found from its own folder only. Write the new model into " +
                    $"'{from}', or copy the encoder and its side files to '{to}' first.");
        }
        foreach (string file in files)
        {
            string path = Path.Combine(from, file);
            if (!File.Exists(path))
            {
                throw new FileNotFoundException($"The encoder keeps weights in the side file '{file}', which is not in '{from}'. Put it " +
                    "there.", path);
            }
        }
    }

    private static string Location(TensorProto tensor) =>
        tensor.ExternalData.FirstOrDefault(p => p.Key == "location")?.Value is { Length: > 0 } location && !location.Contains('\0')
            ? location
            : throw new InvalidDataException($"The encoder is damaged: weight '{tensor.Name}' is in a side file that is not named.");

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;
}

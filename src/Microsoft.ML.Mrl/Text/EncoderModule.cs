using System.Text.Json;

namespace Microsoft.ML.Mrl;

/// <summary>A module of a sentence-transformers model.</summary>
/// <param name="Type">The last part of its class name.</param>
/// <param name="Path">Its folder inside the model's; empty or a dot for the model's own.</param>
internal sealed record EncoderModule(string Type, string Path)
{
    public string FolderIn(string folder) => Path is "" or "." ? folder : System.IO.Path.Combine(folder, Path);

    /// <summary>The modules in their order.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static EncoderModule[] ReadAll(string path)
    {
        using JsonDocument document = JsonFile.Read(path);
        try
        {
            return [.. document.RootElement.EnumerateArray().Select(module => Of(path, module.GetProperty("type").GetString()!, module.GetProperty("path").GetString()!))];
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new InvalidDataException($"'{path}' is not a list of modules, each with a type and a path: {e.Message}", e);
        }
    }

    private static EncoderModule Of(string file, string type, string path)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(path);
        return System.IO.Path.IsPathRooted(path) || path.Split('/', '\\').Contains("..")
            ? throw new InvalidDataException($"'{file}': the module's folder '{path}' is not inside the model's.")
            : new EncoderModule(type[(type.LastIndexOf('.') + 1)..], path);
    }
}

using System.Text.Json;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>Represents a module of a sentence-transformers model.</summary>
/// <param name="Type">The last part of its class name.</param>
/// <param name="Path">Its folder inside the model's; empty for the model's own.</param>
internal sealed record EncoderModule(string Type, string Path)
{
    public const string FileName = "modules.json";

    /// <summary>Returns the folder of the module.</summary>
    /// <param name="folder">The folder of the model.</param>
    public string FolderIn(string folder) => Path.Length == 0 ? folder : System.IO.Path.Combine(folder, Path);

    /// <summary>Returns the modules in their order.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="bytes">The content of the file.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static EncoderModule[] ReadAll(string name, byte[] bytes)
    {
        JsonElement root = StrictJson.Parse(name, bytes);
        return root.ValueKind == JsonValueKind.Array
            ? [.. root.EnumerateArray().Select(module => Of(name, module))]
            : throw new InvalidDataException($"'{name}' holds a JSON {root.ValueKind}, not a list of modules.");
    }

    private static EncoderModule Of(string name, JsonElement module)
    {
        if (module.ValueKind != JsonValueKind.Object
            || !module.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !module.TryGetProperty("path", out JsonElement path) || path.ValueKind != JsonValueKind.String)
        {
            throw new InvalidDataException($"'{name}': a module has no type and path.");
        }
        if (module.TryGetProperty("kwargs", out JsonElement arguments)
            && arguments.ValueKind != JsonValueKind.Null
            && !(arguments.ValueKind == JsonValueKind.Array && arguments.GetArrayLength() == 0))
        {
            throw new NotSupportedException($"'{name}': the module {type} takes the arguments {arguments}, which is not supported.");
        }
        string folder = path.GetString()!.TrimEnd('/');
        folder = folder == "." ? "" : folder;
        return folder.AsSpan().ContainsAny('/', '\\') || folder == ".." || System.IO.Path.IsPathRooted(folder)
            ? throw new InvalidDataException($"'{name}': the path '{folder}' is not a folder inside that of the model.")
            : new EncoderModule(Known(type.GetString()!), folder);
    }

    /// <summary>
    /// Returns the last part of the name of a class of sentence-transformers; other classes keep their whole name, since a Dense of another
    /// library is another thing.
    /// </summary>
    private static string Known(string type) => type.StartsWith("sentence_transformers.", StringComparison.Ordinal)
        ? type[(type.LastIndexOf('.') + 1)..]
        : type;
}

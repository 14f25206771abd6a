using System.Text.Json;

namespace Microsoft.ML.Mrl;

/// <summary>Reads the small JSON files of a model's folder.</summary>
internal static class JsonFile
{
    private const long Longest = 1 << 20;

    /// <param name="path">The file.</param>
    /// <param name="whose">Whose configuration it is, for messages.</param>
    /// <param name="depth">How deep its values may be nested.</param>
    /// <exception cref="InvalidDataException">It is not JSON, or too long or too deep for what it should be.</exception>
    public static JsonDocument Read(string path, string whose = "model", int depth = 16)
    {
        if (new FileInfo(path).Length > Longest)
        {
            throw new InvalidDataException($"'{path}' has more than {Longest} bytes. A {whose}'s configuration is a few lines.");
        }
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = depth });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {e.Message}", e);
        }
    }
}

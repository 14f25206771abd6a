using System.Text.Json;

namespace Microsoft.ML.Mrl;

/// <summary>Reads the small JSON files of a model's folder.</summary>
internal static class JsonFile
{
    private const long Longest = 1 << 20;

    /// <exception cref="InvalidDataException">It is not JSON, or too long for what it should be.</exception>
    public static JsonDocument Read(string path)
    {
        if (new FileInfo(path).Length > Longest)
        {
            throw new InvalidDataException($"'{path}' has more than {Longest} bytes. A model's configuration is a few lines.");
        }
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {e.Message}", e);
        }
    }
}

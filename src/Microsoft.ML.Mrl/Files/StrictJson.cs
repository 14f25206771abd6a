using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Parses the JSON of models and configurations. Every name and text is decoded once while it is parsed, so that no later read of it fails.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 32;

    /// <summary>Parses JSON in UTF-8, with or without a byte order mark.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="bytes">The content of the file.</param>
    /// <exception cref="InvalidDataException">The content is not JSON, or a name or a text in it is not Unicode.</exception>
    public static JsonElement Parse(string name, byte[] bytes)
    {
        try
        {
            ReadOnlyMemory<byte> text = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes;
            CheckTexts(text.Span);
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}' is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException(
                $"'{name}': a name or a text in it is not UTF-8, or has half of a surrogate pair. Save it again as UTF-8.", e);
        }
    }

    /// <summary>Decodes every name and text.</summary>
    /// <exception cref="InvalidOperationException">A name or a text is not Unicode.</exception>
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String
                && (reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan)))
            {
                _ = reader.GetString();
            }
        }
    }
}

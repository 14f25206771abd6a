using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Files;

/// <summary>A JSON object of a model's folder; what it lacks or has in another form is said with the file's and the value's name.</summary>
internal sealed class ModelJson
{
    private const int Depth = 32;
    private const int LongestFile = 1 << 20;

    private readonly JsonElement _root;

    private ModelJson(string name, JsonElement root)
    {
        Name = name;
        _root = root;
    }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The object itself.</summary>
    public JsonElement Root => _root;

    /// <summary>Reads a small file.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object, or too long for what it should be.</exception>
    public static ModelJson Read(string path) => Parse(path, ReadBytes(path));

    /// <summary>The bytes of a small file.</summary>
    /// <exception cref="InvalidDataException">It is too long for what it should be.</exception>
    public static byte[] ReadBytes(string path)
    {
        // What a file says of its length is not asked: that of a device is 0, and it never ends.
        using FileStream stream = File.OpenRead(path);
        var bytes = new byte[LongestFile + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= LongestFile
            ? bytes[..length]
            : throw new InvalidDataException($"'{path}' has more than {LongestFile} bytes. A configuration is a few lines.");
    }

    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static ModelJson Parse(string name, byte[] bytes)
    {
        JsonElement root = ParseAny(name, bytes);
        return root.ValueKind == JsonValueKind.Object ? new ModelJson(name, root)
            : throw new InvalidDataException($"'{name}' holds a JSON {root.ValueKind}, not an object.");
    }

    /// <exception cref="InvalidDataException">It is no JSON, or a text in it is not UTF-8.</exception>
    public static JsonElement ParseAny(string name, byte[] bytes)
    {
        try
        {
            ReadOnlyMemory<byte> text = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes;
            CheckTexts(text.Span);
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Depth });
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

    /// <summary>Whether a value is there and is not null.</summary>
    public bool Has(string key) => _root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public string? FindText(string key) => !Has(key) ? null : _root.GetProperty(key) is { ValueKind: JsonValueKind.String } value
        ? value.GetString() : throw Wrong(key, "a text");

    public string Text(string key) => FindText(key) ?? throw Missing(key);

    public bool Flag(string key, bool otherwise) => !Has(key) ? otherwise : _root.GetProperty(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, "true or false"),
    };

    public int Count(string key, int least = 1) => FindCount(key, least) ?? throw Missing(key);

    public int? FindCount(string key, int least = 1) =>
        !Has(key) ? null : _root.GetProperty(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int count)
            && count >= least
            ? count
            : throw Wrong(key, $"a whole number from {least}");

    public double? FindNumber(string key) =>
        !Has(key) ? null : _root.GetProperty(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number)
            && double.IsFinite(number)
            ? number
            : throw Wrong(key, "a finite number");

    /// <summary>Decodes every name and text once, so that whoever asks for one later gets it.</summary>
    /// <exception cref="InvalidOperationException">One is no Unicode text.</exception>
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String
                && (reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan)))
            {
                _ = reader.GetString();
            }
        }
    }

    private InvalidDataException Wrong(string key, string expected)
    {
        string found = _root.GetProperty(key).ToString();
        return new InvalidDataException($"'{Name}': {key} should be {expected}, but is " +
            $"{(found.Length > 100 ? found[..100] + "…" : found)}.");
    }

    private InvalidDataException Missing(string key) => new($"'{Name}' has no {key}. Is it the file of another kind of model?");
}

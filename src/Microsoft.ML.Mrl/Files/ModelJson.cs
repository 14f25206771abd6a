using System.Text.Json;

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Represents a JSON object of a model's folder. If a value is missing or has another form, the message names the file and the value.
/// </summary>
internal sealed class ModelJson
{
    private const int MaxBytes = 1 << 20;

    private readonly JsonElement _root;

    private ModelJson(string name, JsonElement root)
    {
        Name = name;
        _root = root;
    }

    /// <summary>Gets the name of the file in messages.</summary>
    public string Name { get; }

    /// <summary>Gets the object itself.</summary>
    public JsonElement Root => _root;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InvalidDataException">The file is not a JSON object, or is too large for a configuration.</exception>
    public static ModelJson Read(string path) => Parse(path, ReadBytes(path));

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InvalidDataException">The file is too large for a configuration.</exception>
    public static byte[] ReadBytes(string path) => BoundedFile.Read(path, MaxBytes);

    /// <summary>Parses the content of a file.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="bytes">The content of the file.</param>
    /// <exception cref="InvalidDataException">The content is not a JSON object.</exception>
    public static ModelJson Parse(string name, byte[] bytes)
    {
        JsonElement root = StrictJson.Parse(name, bytes);
        return root.ValueKind == JsonValueKind.Object ? new ModelJson(name, root)
            : throw new InvalidDataException($"'{name}' holds a JSON {root.ValueKind}, not an object.");
    }

    /// <summary>Determines whether the object has a value that is not null.</summary>
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

    private InvalidDataException Wrong(string key, string expected)
    {
        string found = _root.GetProperty(key).ToString();
        return new InvalidDataException($"'{Name}': {key} should be {expected}, but is " +
            $"{(found.Length > 100 ? found[..100] + "…" : found)}.");
    }

    private InvalidDataException Missing(string key) => new($"'{Name}' has no {key}. Is it the file of another kind of model?");
}

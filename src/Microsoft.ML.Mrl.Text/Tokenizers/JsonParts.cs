using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>The parts of a <c>tokenizer.json</c>, in which null stands for nothing.</summary>
internal static class JsonParts
{
    public static JsonElement? Part(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    public static string? Text(JsonElement parent, string name) => Part(parent, name)?.GetString();

    public static int? Number(JsonElement parent, string name) => Part(parent, name)?.GetInt32();

    public static bool Flag(JsonElement parent, string name, bool otherwise = false) => Part(parent, name)?.GetBoolean() ?? otherwise;
}

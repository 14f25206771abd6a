using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Reads a <c>tokenizer.json</c>.</summary>
internal static class TokenizerFile
{
    public const string Name = "tokenizer.json";

    /// <summary>Makes the tokenizer that the file describes.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or is not a <c>tokenizer.json</c>.</exception>
    /// <exception cref="NotSupportedException">The model, normalizer or pre-tokenizer is not supported.</exception>
    public static JsonTokenizer Parse(ReadOnlyMemory<byte> json, string path) => Parse(json, path, root => Read(root, path));

    /// <summary>
    /// Makes the tokenizer that the file describes, and finds the special tokens that it puts around a text, or <see langword="null"/> for
    /// none.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged, or is not a <c>tokenizer.json</c>.</exception>
    /// <exception cref="NotSupportedException">A part of the tokenizer is not supported.</exception>
    /// <param name="json">The file's bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="more">Tokens that other files add; of one that stands here as well theirs counts.</param>
    public static (JsonTokenizer Tokenizer, SurroundingTokens? Around) ParseWhole(
        ReadOnlyMemory<byte> json, string path, IEnumerable<AddedToken>? more = null) =>
        Parse(json, path, root => (Read(root, path, more), SurroundingTokens.Read(root, path)));

    private static T Parse<T>(ReadOnlyMemory<byte> json, string path, Func<JsonElement, T> read)
    {
        try
        {
            ReadOnlyMemory<byte> text = json.Span is [0xEF, 0xBB, 0xBF, ..] ? json[3..] : json;
            using var document = JsonDocument.Parse(text);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (
            e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or IndexOutOfRangeException
                or TimeoutException)
        {
            throw new InvalidDataException($"'{path}' is not a tokenizer file: {e.Message}", e);
        }
    }

    private static JsonTokenizer Read(JsonElement root, string path, IEnumerable<AddedToken>? more = null)
    {
        TokenizerModel words = TokenizerModelReader.Read(root.GetProperty("model"), path, out Dictionary<string, int> vocabulary);
        List<AddedToken> added = AddedToken.WithIds([.. AddedTokens(root), .. more ?? []], vocabulary);
        var all = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        foreach (AddedToken token in added)
        {
            all[token.Content] = token.Id;
        }
        if (all.Count == 0)
        {
            throw new InvalidDataException($"'{path}' has no tokens.");
        }
        foreach (string token in all.Keys)
        {
            TokenVocabulary.CheckLength(token, path);
        }
        JsonElement? truncation = JsonParts.Part(root, "truncation");
        if (truncation is { } whole && JsonParts.Text(whole, "strategy") == "OnlySecond")
        {
            throw new NotSupportedException(
                $"'{path}' cuts the second of two texts only (truncation, strategy OnlySecond), which is not supported for single texts.");
        }
        return new JsonTokenizer(NormalizerReader.Read(JsonParts.Part(root, "normalizer"), path),
            PreTokenizerReader.Read(JsonParts.Part(root, "pre_tokenizer"), path), words, all, added, path)
        {
            MaxTokens = truncation is { } cut ? MaxTokens(cut, path) : null,
            KeepsLast = truncation is { } side && JsonParts.Text(side, "direction") == "Left",
        };
    }

    private static int? MaxTokens(JsonElement truncation, string path) => JsonParts.Number(truncation, "max_length") is not { } most ? null
        : most >= 0 ? most
        : throw new InvalidDataException($"'{path}' cuts texts to {most} tokens (truncation, max_length). Give 0 or more.");

    /// <summary>Returns the added tokens that a file describes, in their order.</summary>
    public static List<AddedToken> AddedTokens(JsonElement root)
    {
        var tokens = new List<AddedToken>();
        if (JsonParts.Part(root, "added_tokens") is { } list)
        {
            foreach (JsonElement token in list.EnumerateArray())
            {
                int id = token.GetProperty("id").GetInt32();
                ArgumentOutOfRangeException.ThrowIfNegative(id);
                tokens.Add(AddedToken.Read(token, id));
            }
        }
        return tokens;
    }
}

/// <summary>Reads parts of a <c>tokenizer.json</c>. A part that is null counts as missing.</summary>
internal static class JsonParts
{
    public static JsonElement? Part(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    public static string? Text(JsonElement parent, string name) => Part(parent, name)?.GetString();

    public static int? Number(JsonElement parent, string name) => Part(parent, name)?.GetInt32();

    public static bool Flag(JsonElement parent, string name, bool otherwise = false) => Part(parent, name)?.GetBoolean() ?? otherwise;
}

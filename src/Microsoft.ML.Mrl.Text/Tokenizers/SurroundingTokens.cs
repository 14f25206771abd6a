using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents the special tokens that a tokenizer puts around a text.</summary>
/// <param name="Before">Those before it.</param>
/// <param name="After">Those after it.</param>
internal sealed record SurroundingTokens(int[] Before, int[] After)
{
    /// <summary>Gets an instance without special tokens.</summary>
    public static SurroundingTokens None { get; } = new([], []);

    /// <summary>
    /// Reads the special tokens of the post-processor of a <c>tokenizer.json</c>, or <see langword="null"/> if it adds none.
    /// </summary>
    /// <exception cref="NotSupportedException">The kind of post-processor is not supported.</exception>
    public static SurroundingTokens? Read(JsonElement root, string path)
        => JsonParts.Part(root, "post_processor") is { } part ? Of(part, path) : null;

    private static SurroundingTokens? Of(JsonElement part, string path) => JsonParts.Text(part, "type") switch
    {
        "RobertaProcessing" or "BertProcessing"
            => new SurroundingTokens([part.GetProperty("cls")[1].GetInt32()], [part.GetProperty("sep")[1].GetInt32()]),
        "TemplateProcessing" => Template(part),
        // It moves offsets only.
        "ByteLevel" => null,
        "Sequence" => part.GetProperty("processors").EnumerateArray().Select(p => Of(p, path)).OfType<SurroundingTokens>().LastOrDefault(),
        var type => throw new NotSupportedException(
            $"'{path}' has a {type} post-processor, which is not supported. " +
            "Known are RobertaProcessing, BertProcessing, TemplateProcessing, ByteLevel and Sequence."),
    };

    private static SurroundingTokens? Template(JsonElement part)
    {
        var before = new List<int>();
        var after = new List<int>();
        bool isBehind = false;
        foreach (JsonElement piece in part.GetProperty("single").EnumerateArray())
        {
            if (piece.TryGetProperty("Sequence", out _))
            {
                isBehind = !isBehind ? true : throw new FormatException("A template has the text twice.");
                continue;
            }
            string name = JsonParts.Text(piece.GetProperty("SpecialToken"), "id")!;
            if (!part.TryGetProperty("special_tokens", out JsonElement special) || !special.TryGetProperty(name, out JsonElement token))
            {
                string problem = $"A tokenizer puts the special token '{name}' around a text and does not give its ids.";
                throw isBehind && before.Count == 0 ? new NotSupportedException(problem) : new InvalidDataException(problem);
            }
            JsonElement ids = token.GetProperty("ids");
            (isBehind ? after : before).AddRange(ids.EnumerateArray().Select(id => id.GetInt32()));
        }
        if (!isBehind)
        {
            throw new FormatException("A template has no text.");
        }
        return before.Count + after.Count == 0 ? null : new SurroundingTokens([.. before], [.. after]);
    }
}

using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>The special tokens that a tokenizer puts around a text.</summary>
/// <param name="FirstId">The one before it.</param>
/// <param name="LastId">The one after it.</param>
internal sealed record SurroundingTokens(int FirstId, int LastId)
{
    /// <summary>Finds them in the post-processor of a <c>tokenizer.json</c>; <see langword="null"/> where it adds none.</summary>
    /// <exception cref="NotSupportedException">It adds others than one before and one after.</exception>
    public static SurroundingTokens? Read(JsonElement root, string path) =>
        JsonParts.Part(root, "post_processor") is { } part ? Of(part, path) : null;

    private static SurroundingTokens? Of(JsonElement part, string path)
    {
        switch (JsonParts.Text(part, "type"))
        {
            case "RobertaProcessing" or "BertProcessing":
                return new SurroundingTokens(part.GetProperty("cls")[1].GetInt32(), part.GetProperty("sep")[1].GetInt32());
            case "TemplateProcessing":
                return Template(part, path);
            case "ByteLevel":
                // It moves offsets only.
                return null;
            case "Sequence":
                return part.GetProperty("processors").EnumerateArray().Select(p => Of(p, path)).OfType<SurroundingTokens>().LastOrDefault();
            case var type:
                throw new NotSupportedException(
                    $"'{path}' has a {type} post-processor, which is not known here. Known are RobertaProcessing, BertProcessing, " +
                    $"TemplateProcessing, ByteLevel and Sequence.");
        }
    }

    private static SurroundingTokens? Template(JsonElement part, string path)
    {
        JsonElement[] pieces = [.. part.GetProperty("single").EnumerateArray()];
        if (pieces.Length == 1 && pieces[0].TryGetProperty("Sequence", out _))
        {
            return null;
        }
        if (pieces.Length != 3 || !pieces[1].TryGetProperty("Sequence", out _))
        {
            throw new NotSupportedException(
                $"'{path}' puts other special tokens around a text than one before and one after it, which is not supported.");
        }
        return new SurroundingTokens(Id(pieces[0]), Id(pieces[2]));

        int Id(JsonElement piece)
        {
            JsonElement ids = part.GetProperty("special_tokens").GetProperty(
                JsonParts.Text(piece.GetProperty("SpecialToken"), "id")!).GetProperty("ids");
            return ids.GetArrayLength() == 1
                ? ids[0].GetInt32()
                : throw new NotSupportedException($"'{path}' has a special token of {ids.GetArrayLength()} ids, which is not supported.");
        }
    }
}

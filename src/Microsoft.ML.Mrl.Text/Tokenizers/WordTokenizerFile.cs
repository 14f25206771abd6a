using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Writes a <c>tokenizer.json</c> of whole words, parted at white space and punctuation.</summary>
internal static class WordTokenizerFile
{
    public const string UnknownToken = "[UNK]";

    /// <summary>The file's bytes.</summary>
    /// <param name="words">The words; a word's id is its position.</param>
    /// <param name="lowerCase">Whether texts are brought into lower case first.</param>
    public static byte[] Write(IReadOnlyList<string> words, bool lowerCase)
    {
        using var stream = new MemoryStream();
        // Words as they are, as the tokenizers library writes them; the file is never part of a page.
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            writer.WriteStartArray("added_tokens");
            writer.WriteEndArray();
            writer.WriteTypeOrNull("normalizer", lowerCase ? "Lowercase" : null);
            writer.WriteTypeOrNull("pre_tokenizer", "BertPreTokenizer");
            writer.WriteNull("post_processor");
            writer.WriteNull("decoder");
            writer.WriteStartObject("model");
            writer.WriteString("type", "WordLevel");
            writer.WriteStartObject("vocab");
            for (int i = 0; i < words.Count; i++)
            {
                writer.WriteNumber(words[i], i);
            }
            writer.WriteEndObject();
            writer.WriteString("unk_token", UnknownToken);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteTypeOrNull(this Utf8JsonWriter writer, string name, string? type)
    {
        if (type is null)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }
}

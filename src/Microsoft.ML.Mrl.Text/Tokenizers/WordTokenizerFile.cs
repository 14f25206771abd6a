using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Writes a <c>tokenizer.json</c> of whole words, parted at white space and punctuation.</summary>
internal static class WordTokenizerFile
{
    public const string UnknownToken = "[UNK]";

    /// <summary>Stands before every word of a file that drops unknown ones.</summary>
    public const char Mark = '\u2581';

    /// <summary>The bytes of a file whose unknown words become <see cref="UnknownToken"/>, which is among the words.</summary>
    /// <param name="words">The words; a word's id is its position.</param>
    /// <param name="lowerCase">Whether texts are brought into lower case first.</param>
    public static byte[] Write(IReadOnlyList<string> words, bool lowerCase) => Write(words, lowerCase, dropsUnknown: false);

    /// <summary>
    /// The bytes of a file whose unknown words become no token at all, in Python too: word-level models always have a token for them, which
    /// sentence-transformers counts.
    /// </summary>
    /// <remarks>
    /// A byte-pair model without merges and without an unknown token, which takes whole words first and drops characters that are no
    /// token. Every word begins with a mark, so that no character of another word is a word by itself.
    /// </remarks>
    /// <param name="words">The words; a word's id is its position.</param>
    /// <param name="lowerCase">Whether texts are brought into lower case first.</param>
    public static byte[] WriteDropping(IReadOnlyList<string> words, bool lowerCase) => Write(words, lowerCase, dropsUnknown: true);

    private static byte[] Write(IReadOnlyList<string> words, bool lowerCase, bool dropsUnknown)
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
            if (dropsUnknown)
            {
                WriteMarkedWords(writer);
            }
            else
            {
                writer.WriteTypeOrNull("pre_tokenizer", "BertPreTokenizer");
            }
            writer.WriteNull("post_processor");
            writer.WriteNull("decoder");
            writer.WriteStartObject("model");
            writer.WriteString("type", dropsUnknown ? "BPE" : "WordLevel");
            if (dropsUnknown)
            {
                writer.WriteBoolean("ignore_merges", true);
                writer.WriteStartArray("merges");
                writer.WriteEndArray();
            }
            writer.WriteStartObject("vocab");
            for (int i = 0; i < words.Count; i++)
            {
                writer.WriteNumber(dropsUnknown ? Mark + words[i] : words[i], i);
            }
            writer.WriteEndObject();
            if (!dropsUnknown)
            {
                writer.WriteString("unk_token", UnknownToken);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteMarkedWords(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "BertPreTokenizer");
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", [Mark]);
        writer.WriteString("prepend_scheme", "always");
        writer.WriteBoolean("split", false);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
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

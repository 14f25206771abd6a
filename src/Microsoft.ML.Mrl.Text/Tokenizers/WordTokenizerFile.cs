using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Writes a <c>tokenizer.json</c> of whole words, parted at white space and punctuation.</summary>
internal static class WordTokenizerFile
{
    public const string UnknownToken = "[UNK]";

    /// <summary>Stands before every word of a file that drops unknown ones.</summary>
    public const char Mark = '\u2581';

    /// <summary>Returns the bytes of a file whose unknown words become <see cref="UnknownToken"/>, which is among the words.</summary>
    /// <param name="words">The words; a word's id is its position.</param>
    /// <param name="lowerCase">Whether texts are converted to lower case first.</param>
    public static byte[] Write(IReadOnlyList<string> words, bool lowerCase) => Write(words, lowerCase, dropsUnknown: false);

    /// <summary>
    /// Returns the bytes of a file whose unknown words become no token at all, in Python too: word-level models always have a token for
    /// them, which sentence-transformers counts.
    /// </summary>
    /// <remarks>
    /// A byte-pair model without merges and without an unknown token, which takes whole words first and drops characters that are no token.
    /// Every word begins with a mark, so that no character of another word is a word by itself.
    /// </remarks>
    /// <param name="words">The words; a word's id is its position.</param>
    /// <param name="lowerCase">Whether texts are converted to lower case first.</param>
    public static byte[] WriteDropping(IReadOnlyList<string> words, bool lowerCase) => Write(words, lowerCase, dropsUnknown: true);

    private static byte[] Write(IReadOnlyList<string> words, bool lowerCase, bool dropsUnknown) => TokenizerJson.Write(
        writer =>
        {
            if (lowerCase)
            {
                writer.WriteType("Lowercase");
            }
            else
            {
                writer.WriteNullValue();
            }
        },
        writer =>
        {
            if (dropsUnknown)
            {
                WriteMarkedWords(writer);
            }
            else
            {
                writer.WriteType("BertPreTokenizer");
            }
        },
        writer => WriteModel(writer, words, dropsUnknown));

    private static void WriteModel(Utf8JsonWriter writer, IReadOnlyList<string> words, bool dropsUnknown)
    {
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
    }

    private static void WriteMarkedWords(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteType("BertPreTokenizer");
        writer.WriteStartObject();
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", [Mark]);
        writer.WriteString("prepend_scheme", "always");
        writer.WriteBoolean("split", false);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

using System.Text.Json;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Writes a <c>tokenizer.json</c> of BERT's kind.</summary>
internal static class WordPieceTokenizerFile
{
    /// <summary>Returns the file's bytes.</summary>
    /// <param name="vocabulary">The tokens and their ids, which have no gaps.</param>
    /// <param name="words">Words that get the ids behind them; whole words are found before their parts.</param>
    /// <param name="options">How texts are treated.</param>
    public static byte[] Write(
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> words, WordPieceTokenizerOptions options) =>
        TokenizerJson.Write(
            writer => WriteNormalizer(writer, options),
            writer => writer.WriteType("BertPreTokenizer"),
            writer => WriteModel(writer, vocabulary, words, options));

    private static void WriteModel(
        Utf8JsonWriter writer, IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> words, WordPieceTokenizerOptions options)
    {
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", options.UnknownToken);
        writer.WriteString("continuing_subword_prefix", options.ContinuationPrefix);
        writer.WriteNumber("max_input_chars_per_word", options.MaxWordLength);
        writer.WriteStartObject("vocab");
        int next = 0;
        foreach ((string token, int id) in vocabulary.OrderBy(t => t.Value))
        {
            writer.WriteNumber(token, id);
            next = id + 1;
        }
        foreach (string word in words)
        {
            writer.WriteNumber(word, next++);
        }
        writer.WriteEndObject();
    }

    private static void WriteNormalizer(Utf8JsonWriter writer, WordPieceTokenizerOptions options)
    {
        if (options.LowersFirst)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Sequence");
            writer.WriteStartArray("normalizers");
            writer.WriteType("Lowercase");
        }
        writer.WriteStartObject();
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", true);
        writer.WriteBoolean("handle_chinese_chars", options.SplitChinese);
        writer.WriteBoolean("strip_accents", options.StripAccents);
        writer.WriteBoolean("lowercase", options.LowerCase);
        writer.WriteEndObject();
        if (options.LowersFirst)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}

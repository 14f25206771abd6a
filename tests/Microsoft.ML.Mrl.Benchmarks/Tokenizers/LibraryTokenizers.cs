using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mrl.Benchmarks.Tokenizers;

/// <summary>Tokenizers of Microsoft.ML.Tokenizers, made of the files that this project reads.</summary>
internal static class LibraryTokenizers
{
    /// <param name="json">A <c>tokenizer.json</c> of BERT's kind.</param>
    public static BertTokenizer WordPiece(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        string vocabulary = string.Join(
            '\n', document.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(t => t.Value.GetInt32())
            .Select(t => t.Name));
        return BertTokenizer.Create(new MemoryStream(Encoding.UTF8.GetBytes(vocabulary)), new BertOptions { RemoveNonSpacingMarks = true });
    }

    /// <param name="json">A <c>tokenizer.json</c> of RoBERTa's kind.</param>
    public static BpeTokenizer BytePairs(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement model = document.RootElement.GetProperty("model");
        return BpeTokenizer.Create(
            new BpeOptions([.. model.GetProperty("vocab").EnumerateObject().Select(t => KeyValuePair.Create(t.Name, t.Value.GetInt32()))])
        {
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => m.GetString()!)],
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
    }

    /// <summary>The ids of a text, by a sentencepiece model's file.</summary>
    public static Func<string, IReadOnlyList<int>> SentencePiece(byte[] model)
    {
        SentencePieceTokenizer library = SentencePieceTokenizer.Create(
            new MemoryStream(model), addBeginningOfSentence: false, addEndOfSentence: false);
        return text => library.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);
    }
}

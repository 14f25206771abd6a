using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mrl.Benchmarks.Tokenizers;

/// <summary>
/// On how many texts does Microsoft.ML.Tokenizers give the ids that the libraries give from which the formats come (the golden texts of the
/// tests, chosen to be awkward), and on how many sentences of the data sets those of this project?
/// </summary>
internal static class TokenizerAgreement
{
    private static readonly string[] s_tasks = ["stsb", "banking77", "clinc150"];

    private delegate IReadOnlyList<int> Encoding(string text);

    /// <param name="data">The folder of the data sets.</param>
    /// <param name="models">The tokenizer tests' folder of data.</param>
    public static void Print(string data, string models)
    {
        string[] sentences = [.. s_tasks.SelectMany(task => TextTask.Load(task, data).Texts).Distinct(StringComparer.Ordinal)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{RunDescription.Now()}. Microsoft.ML.Tokenizers {typeof(BertTokenizer).Assembly.GetName().Version}; {sentences.Length} sentences of {string.Join(", ", s_tasks)}.\n"));
        Console.WriteLine("| tokenizer | golden texts, the library | golden texts, this project | sentences on which both agree |");
        Console.WriteLine("|---|---:|---:|---:|");
        byte[] wordPiece = Read("wordpiece.tokenizer.json"), bytePairs = Read("bytebpe.tokenizer.json");
        BertTokenizer words = LibraryTokenizers.WordPiece(wordPiece);
        BpeTokenizer pairs = LibraryTokenizers.BytePairs(bytePairs);
        Row("WordPiece, small vocabulary", "tokenizers", "wordpiece", Own(TokenizerFile.Parse(wordPiece, "wordpiece")), text =>
            words.EncodeToIds(text, addSpecialTokens: false));
        Row("byte-level BPE, small vocabulary", "tokenizers", "bytebpe", Own(TokenizerFile.Parse(bytePairs, "bytebpe")), text =>
            pairs.EncodeToIds(text));
        foreach (string name in new[] { "bpe", "bpe_bytes", "unigram", "unigram_bytes" })
        {
            byte[] model = Read(name + ".model");
            Func<string, IReadOnlyList<int>> library = LibraryTokenizers.SentencePiece(model);
            Row($"sentencepiece {name}", "sentencepiece", name, Own(SentencePieceFile.Parse(model, name, 0, 0, []), unknown: 0), text =>
                library(text));
        }
        string bert = Path.Combine(data, "words", "bert-base-uncased-vocab.txt");
        TextTokenizer own = TextTokenizer.Load(bert);
        BertTokenizer theirs = BertTokenizer.Create(bert, new BertOptions { RemoveNonSpacingMarks = true });
        Row("WordPiece of bert-base-uncased", null, "", text => own.Encode(text), text => theirs.EncodeToIds(text));

        byte[] Read(string name) => File.ReadAllBytes(Path.Combine(models, name));

        void Row(string kind, string? golden, string column, Encoding ours, Encoding library)
        {
            string counts = "not measured | not measured";
            if (golden is not null)
            {
                (string Text, int[] Ids)[] texts = Golden(Path.Combine(models, golden + ".golden.jsonl"), column);
                counts = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{texts.Count(t => library(t.Text).SequenceEqual(t.Ids))} of {texts.Length} | {texts.Count(t => ours(t.Text).SequenceEqual(t.Ids))} of {texts.Length}");
            }
            string[] different = [.. sentences.Where(text => !ours(text).SequenceEqual(library(text)))];
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {kind} | {counts} | {sentences.Length - different.Length:N0} of {sentences.Length:N0} |"));
            foreach (string text in different.Take(3))
            {
                Console.Error.WriteLine($"    {kind} differs: {JsonSerializer.Serialize(text)}");
            }
        }
    }

    private static Encoding Own(JsonTokenizer tokenizer, int? unknown = null) => text =>
    {
        var sink = new Collector(unknown ?? tokenizer.UnknownId);
        tokenizer.Encode(text, sink);
        return sink.Ids;
    };

    private static (string Text, int[] Ids)[] Golden(string path, string column) => [.. File.ReadLines(path).Select(line =>
    {
        using var golden = JsonDocument.Parse(line);
        return (golden.RootElement.GetProperty("text").GetString()!, golden.RootElement.GetProperty(column).EnumerateArray()
            .Select(id => id.GetInt32()).ToArray());
    })];

    private sealed class Collector(int? unknown) : ITokenSink
    {
        public List<int> Ids { get; } = [];

        public void Add(int id) => Ids.Add(id);

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            if (unknown is { } id)
            {
                Ids.Add(id);
            }
        }
    }
}

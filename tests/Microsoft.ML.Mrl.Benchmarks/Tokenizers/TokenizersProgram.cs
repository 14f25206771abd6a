using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mrl.Benchmarks.Tokenizers;

/// <summary>
/// How many sentences a second does each tokenizer take, against Microsoft.ML.Tokenizers with the same vocabulary, and how does their time
/// grow with the length of one word?
/// <c>dotnet run -c Release -- tokenizers FOLDER DATA [counts]</c>, with the folder of the data sets and the tokenizer tests' folder of
/// data. The two take turns; medians are reported. With <c>counts</c> it prints on how many texts the two agree, and no times.
/// </summary>
internal static class TokenizersProgram
{
    private const int Rounds = 5;

    private static readonly string LongWord = string.Concat(Enumerable.Range(0, 1 << 17).Select(i => i % 3 == 0 ? "singings" : "playingt"));

    public static int Run(string[] args)
    {
        if (args.Length < 2 || !Directory.Exists(args[0]) || !Directory.Exists(args[1]))
        {
            Console.Error.WriteLine("Name the folder of the data sets and the tokenizer tests' folder of data.");
            return 2;
        }
        if (args is [_, _, "counts"])
        {
            TokenizerAgreement.Print(args[0], args[1]);
            return 0;
        }
        string[] texts = [.. TextTask.Load("stsb", args[0]).Texts];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RunDescription.Now()}. {texts.Length} sentences."));
        byte[] wordPiece = File.ReadAllBytes(Path.Combine(args[1], "wordpiece.tokenizer.json"));
        byte[] bytePairs = File.ReadAllBytes(Path.Combine(args[1], "bytebpe.tokenizer.json"));
        Compare("WordPiece", texts, TokenizerFile.Parse(wordPiece, "wordpiece"), Library(LibraryTokenizers.WordPiece(wordPiece)));
        Compare("byte-level BPE", texts, TokenizerFile.Parse(bytePairs, "bytebpe"), Library(LibraryTokenizers.BytePairs(bytePairs)));
        foreach (string name in new[] { "unigram", "bpe_bytes" })
        {
            byte[] model = File.ReadAllBytes(Path.Combine(args[1], name + ".model"));
            Compare($"sentencepiece {name}", texts, SentencePieceFile.Parse(model, name, 0, 0, []), LibraryTokenizers.SentencePiece(model));
        }
        return 0;
    }

    private static Func<string, IReadOnlyList<int>> Library(Tokenizer tokenizer) => text => tokenizer.EncodeToIds(text);

    private static void Compare(string name, string[] texts, JsonTokenizer own, Func<string, IReadOnlyList<int>> library)
    {
        var sink = new CountingSink();
        int ids = 0;
        (string Name, Action Run)[] variants =
        [
            ("the library", () => Array.ForEach(texts, text => ids += library(text).Count)),
            ("this project", () => Array.ForEach(texts, text => own.Encode(text, sink))),
        ];
        (double Seconds, double Ratio)[] measured = Turns.Measure(variants, Rounds);
        for (int v = 0; v < variants.Length; v++)
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}, {variants[v].Name}: {texts.Length / measured[v].Seconds:N0} sentences a second, {measured[v].Ratio:F2} times the library"));
        }
        foreach (int length in new[] { 1 << 15, 1 << 16, 1 << 17 })
        {
            string word = LongWord[..length];
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}, a word of {length} characters: the library {Seconds(() => library(word)):F3} s, this project {Seconds(() => own.Encode(word, sink)):F3} s"));
        }
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, a word of {LongWord.Length} characters: this project {Seconds(() => own.Encode(LongWord, sink)):F3} s"));
    }

    private static double Seconds(Action run)
    {
        var clock = Stopwatch.StartNew();
        run();
        return clock.Elapsed.TotalSeconds;
    }

    private sealed class CountingSink : ITokenSink
    {
        public int Count { get; private set; }

        public void Add(int id) => Count++;

        public void AddUnknown(ReadOnlySpan<char> word) => Count++;
    }
}

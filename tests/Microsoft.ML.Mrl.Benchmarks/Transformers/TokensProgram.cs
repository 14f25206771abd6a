using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Static;
using Microsoft.ML.Mrl.Tests.Text;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Benchmarks.Transformers;

/// <summary>
/// How many tokens a second does a BERT of random weights take in a view, against a bare ONNX Runtime loop over the same graph with all
/// texts tokenized and sorted by length before the clock starts, and against one row at a time? <c>dotnet run -c Release -- tokens FOLDER
/// [layers=6] [hidden=384] [texts=2048] [batch=32]</c>. The variants take turns; medians are reported.
/// </summary>
internal static class TokensProgram
{
    private const int Rounds = 5;

    public static int Run(string[] args)
    {
        if (args.Length == 0 || !Directory.Exists(args[0]))
        {
            Console.Error.WriteLine("Name the folder of the data sets, then key=value with keys layers, hidden, texts, batch.");
            return 2;
        }
        Dictionary<string, int> settings = args.Skip(1).Select(a => a.Split('='))
            .ToDictionary(p => p[0], p => int.Parse(p[1], CultureInfo.InvariantCulture));
        string[] texts = [.. TextTask.Load("stsb", args[0]).Texts];
        new Random(1).Shuffle(texts);
        texts = texts[..Math.Min(settings.GetValueOrDefault("texts", 2048), texts.Length)];
        string folder = Directory.CreateTempSubdirectory("mrl-tokens-").FullName;
        try
        {
            WriteBert(folder, texts, settings.GetValueOrDefault("layers", 6), settings.GetValueOrDefault("hidden", 384));
            Measure((TransformerTextEncoder)TextEncoder.Load(folder), texts, settings.GetValueOrDefault("batch", 32));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Measure(TransformerTextEncoder encoder, string[] texts, int batchSize)
    {
        int[][] rows = Array.ConvertAll(texts, encoder.Tokenize);
        long tokens = rows.Sum(r => (long)r.Length);
        TokenBatch[] batches = [
            .. rows.OrderByDescending(r => r.Length).Chunk(batchSize).Select(chunk => TokenBatch.From(chunk, encoder.Model.Config.PadId))];
        using var session = new TransformerSession(encoder.Model);
        var ml = new MLContext(1);
        IDataView view = ml.Data.LoadFromEnumerable(texts.Select(t => new TextExample { Text = t }));
        IDataView encoded = ml.Transforms.EncodeText("A", nameof(TextExample.Text), encoder).Fit(view).Transform(view);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{RunDescription.Now()}. {texts.Length} texts, {tokens} tokens, longest {rows.Max(r => r.Length)}; {encoder.Model.Config.Layers} layers of {encoder.Model.Config.Hidden}."));
        (string Name, Action Run)[] variants =
        [
            ("bare loop, all tokenized and sorted beforehand", () => Array.ForEach(batches, batch => session.Embed(batch))),
            ("EncodeText in a view", () => Turns.Pull<float>(encoded, "A")),
            ("Encode", () => encoder.Encode(texts, new float[texts.Length * encoder.Dimensions])),
            ("one row at a time", () => Array.ForEach(texts, text => encoder.Encode(text))),
        ];
        (double Seconds, double Ratio)[] measured = Turns.Measure(variants, Rounds);
        for (int v = 0; v < variants.Length; v++)
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{variants[v].Name}: {tokens / measured[v].Seconds:N0} tokens a second, {measured[v].Ratio:F2} times the bare loop"));
        }
    }

    private static void WriteBert(string folder, string[] texts, int layers, int hidden)
    {
        string[] words = [
            .. texts.SelectMany(t => t.ToLowerInvariant().Split(' ')).Where(w => w.All(char.IsAsciiLetter) && w.Length > 0).GroupBy(w => w)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(8000).Select(g => g.Key)];
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", .. words];
        JsonObject config = RandomModel.Config("bert");
        config["num_hidden_layers"] = layers;
        config["hidden_size"] = hidden;
        config["num_attention_heads"] = hidden / 32;
        config["intermediate_size"] = 4 * hidden;
        config["vocab_size"] = vocabulary.Length;
        config["max_position_embeddings"] = 512;
        RandomModel.Write(folder, config, """{"pooling_mode_mean_tokens": true}""");
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
    }
}

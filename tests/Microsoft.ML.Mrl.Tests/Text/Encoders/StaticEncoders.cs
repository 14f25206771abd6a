using System.Text;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>Small static encoders, and the mean worked out the plain way.</summary>
internal static class StaticEncoders
{
    /// <summary>Words [UNK], cat, dog, a, the with vectors that are easy to add.</summary>
    public static StaticTextEncoder OfWords(bool skipsUnknown = true, bool isNormalized = false) =>
        new(Content(skipsUnknown, isNormalized));

    public static StaticEncoderContent Content(bool skipsUnknown = true, bool isNormalized = false) => new()
    {
        TokenizerJson = WordTokenizerFile.Write(["[UNK]", "cat", "dog", "a", "the"], lowerCase: true),
        Dimensions = 3,
        Table = [9, 9, 9, /* cat */ 1, 0, 0, /* dog */ 0, 2, 0, /* a */ 0, 0, 4, /* the */ 8, 8, 8],
        SkipsUnknown = skipsUnknown,
        IsNormalized = isNormalized,
    };

    public static StaticTextEncoder Numbers() => new(new StaticEncoderContent
    {
        TokenizerJson = WordTokenizerFile.Write(["[UNK]", "1", "2", "3"], lowerCase: false),
        Dimensions = 4,
        Table = [0, 0, 0, 0, 1, -1, 0.5f, 2, 0.25f, 3, 1, -7, 6, 5, 4, 3],
        SkipsUnknown = true,
        TrainedDimensions = [2, 4],
        Training =
            new TrainingSummary { Objective = "Pairs(Other)", Verdict = "It was ahead.", Seed = 3,
            ValidationScores = [new(2, 0.1, 0.2, 0.3)] },
    });

    /// <summary>The embedding by plain loops in double precision.</summary>
    public static double[] SlowMean(StaticTextEncoder encoder, string text)
    {
        var bag = new TokenBag();
        encoder.Tokenize(text, bag);
        int width = encoder.Content.Dimensions;
        var sum = new double[width];
        for (int i = 0; i < bag.Rows.Length; i++)
        {
            for (int d = 0; d < sum.Length; d++)
            {
                sum[d] += (double)bag.Weights[i] * encoder.Content.Table[bag.Rows[i] * width + d];
            }
        }
        if (bag.Count > 0)
        {
            sum = Array.ConvertAll(sum, s => s / bag.Count);
        }
        double length = Math.Sqrt(sum.Sum(s => s * s));
        return (encoder.Content.IsNormalized ? Array.ConvertAll(sum, s => s / Math.Max(length, 1e-12)) : sum)[..encoder.Dimensions];
    }

    public static int[] Ids(JsonTokenizer tokenizer, string text, int? unknown = null)
    {
        var sink = new Collector(unknown);
        tokenizer.Encode(text, sink);
        return [.. sink.Ids];
    }

    public static string[] Tokens(JsonTokenizer tokenizer, string text)
    {
        Dictionary<int, string> byId = tokenizer.Vocabulary.ToDictionary(t => t.Value, t => t.Key);
        var sink = new Collector(-1);
        tokenizer.Encode(text, sink);
        return [.. sink.Ids.Select((id, i) => id < 0 ? $"?{sink.Unknown.Dequeue()}" : byId[id])];
    }

    public static JsonTokenizer Parse(string json) => TokenizerFile.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json");

    private sealed class Collector(int? unknown) : ITokenSink
    {
        public List<int> Ids { get; } = [];

        public Queue<string> Unknown { get; } = [];

        public void Add(int id) => Ids.Add(id);

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            if (unknown is { } id)
            {
                Ids.Add(id);
                Unknown.Enqueue(word.ToString());
            }
        }
    }
}

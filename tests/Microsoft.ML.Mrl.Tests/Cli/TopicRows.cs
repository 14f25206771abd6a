using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>Short sentences of three topics.</summary>
internal static class TopicRows
{
    public static readonly (string Label, string[] Words)[] Topics =
    [
        ("fruit", ["apple", "pear", "plum", "cherry", "grape", "melon"]),
        ("tool", ["hammer", "saw", "drill", "wrench", "chisel", "pliers"]),
        ("sky", ["cloud", "rain", "storm", "sun", "moon", "star"]),
    ];

    /// <summary>Two words of a topic in a sentence.</summary>
    public static string Sentence(Random random, int topic) =>
        $"the {Topics[topic].Words[random.Next(6)]} and {Topics[topic].Words[random.Next(6)]}";

    /// <summary>The lines of a file with a header: sentences, their topics taking turns, and the topic's name.</summary>
    /// <param name="rows">The number of sentences.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="noise">How many words that say nothing follow each sentence.</param>
    public static IEnumerable<string> Csv(int rows, int seed = 1, int noise = 0)
    {
        var random = new Random(seed);
        yield return "utterance,category";
        for (int i = 0; i < rows; i++)
        {
            yield return $"{Sentence(random, i % 3)} {string.Join(' ', Enumerable.Range(0, noise).Select(_ => $"noise{random.Next(30)} "))}number {i},{Topics[i % 3].Label}";
        }
    }

    /// <summary>What a model that <c>mrl train</c> saved takes.</summary>
    public sealed class Written
    {
        public string Text { get; set; } = "";
    }

    /// <summary>What it gives.</summary>
    public sealed class Embedded
    {
        public float[] Embedding { get; set; } = [];
    }
}

using System.Globalization;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>Vectors of a few noisy classes, as lines of files.</summary>
internal static class VectorData
{
    public const int Width = 12;

    public static float[] Vector(Random random, int label) =>
        [.. Enumerable.Range(0, Width).Select(j => (float)Math.Round(random.NextDouble() * 2 - 1 + (j % 4 == label ? 1 : 0), 4))];

    /// <summary>Number columns x0.. and a label.</summary>
    public static IEnumerable<string> Numbers(int rows, int seed = 1, bool hasHeader = true)
    {
        var random = new Random(seed);
        if (hasHeader)
        {
            yield return string.Join(',', Enumerable.Range(0, Width).Select(j => $"x{j}")) + ",kind";
        }
        for (int i = 0; i < rows; i++)
        {
            yield return string.Join(',', Vector(random, i % 4).Select(Text)) + $",k{i % 4}";
        }
    }

    /// <summary>Pairs of array cells with a score.</summary>
    public static IEnumerable<string> ScoredArrays(int rows)
    {
        var random = new Random(3);
        yield return "id\tquery\tdocument\tscore";
        for (int i = 0; i < rows; i++)
        {
            int other = random.Next(4);
            yield return $"{i}\t[{string.Join(", ", Vector(random, i % 4).Select(Text))}]\t[{string.Join(' ', Vector(random, other).Select(Text))}]\t{(other == i % 4 ? "1" : "0.25")}";
        }
    }

    /// <summary>Pairs of texts that share words.</summary>
    public static IEnumerable<string> TextPairs(int rows)
    {
        string[] words = ["apple", "pear", "plum", "cherry", "hammer", "saw", "drill", "wrench", "cloud", "rain", "storm", "moon"];
        var random = new Random(5);
        yield return "question,answer";
        for (int i = 0; i < rows; i++)
        {
            string[] chosen = random.GetItems(words, 3);
            yield return $"\"where is the {chosen[0]}, and the {chosen[1]}?\",the {chosen[0]} lies with {chosen[1]} number {i} "
                + $"by {chosen[2]}";
        }
    }

    private static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}

using System.Text.Json;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>A small encoder with random weights and what the reference computes with it.</summary>
internal sealed class GoldenEncoder
{
    private GoldenEncoder(string folder, JsonElement values)
    {
        Folder = folder;
        Values = values;
    }

    public string Folder { get; }

    public JsonElement Values { get; }

    public string[] Texts => [.. Values.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];

    public int[][] Ids => IdRows(Values.GetProperty("input_ids"));

    /// <summary>Reads one.</summary>
    public static GoldenEncoder Read(string name)
    {
        string path = Repository.Golden(name, "golden.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return new GoldenEncoder(Path.GetDirectoryName(path)!, document.RootElement.Clone());
    }

    public float[] Numbers(params string[] path) =>
        [.. GoldenLosses.Numbers(path.Aggregate(Values, (element, key) => element.GetProperty(key))).Select(v => (float)v)];

    public static int[][] IdRows(JsonElement element) =>
        [.. element.EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())];

    /// <summary>The largest difference of two lists of numbers.</summary>
    public static double Gap(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double gap = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            gap = Math.Max(gap, Math.Abs((double)expected[i] - actual[i]));
        }
        return gap;
    }
}

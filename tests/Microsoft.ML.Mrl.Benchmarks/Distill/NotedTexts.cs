using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Distill;

/// <summary>The vectors of another source, which also notes the texts that a task trains on and the vectors of those it tests on.</summary>
internal sealed class NotedTexts(VectorSource source) : VectorSource
{
    private static readonly string[] s_tested = ["test", "validation", "dev"];

    public override string Name => source.Name;

    public override MatryoshkaDimensions Dimensions => source.Dimensions;

    /// <summary>The texts of training parts: a corpus that is like what will be encoded.</summary>
    public List<string> Training { get; } = [];

    /// <summary>The texts of the other parts, with their vectors.</summary>
    public List<(string Text, float[] Vector)> Tested { get; } = [];

    public override float[][] Embed(string part, IReadOnlyList<string> texts, bool areQueries = false)
    {
        float[][] vectors = source.Embed(part, texts, areQueries);
        if (s_tested.Any(word => part.Contains($"-{word}", StringComparison.Ordinal)))
        {
            Tested.AddRange(texts.Zip(vectors));
        }
        else
        {
            Training.AddRange(texts);
        }
        return vectors;
    }
}

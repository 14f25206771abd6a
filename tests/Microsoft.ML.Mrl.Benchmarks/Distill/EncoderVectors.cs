using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Distill;

/// <summary>The embeddings of an encoder that is quick enough to be asked again every time.</summary>
/// <param name="name">The name.</param>
/// <param name="encoder">The encoder.</param>
internal sealed class EncoderVectors(string name, TextEncoder encoder) : VectorSource
{
    public override string Name => name;

    public override MatryoshkaDimensions Dimensions { get; } = MatryoshkaDimensions.DoubledUpTo(encoder.Dimensions);

    public override float[][] Embed(string part, IReadOnlyList<string> texts, bool areQueries = false)
    {
        var values = new float[texts.Count * encoder.Dimensions];
        encoder.Encode(texts, values);
        return [.. values.Chunk(encoder.Dimensions)];
    }
}

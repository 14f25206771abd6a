using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Extensions.AI;

/// <summary>Cuts a vector to the dimensions asked for and scales it to unit length.</summary>
internal static class EmbeddingCut
{
    public static float[] ToUnitLength(ReadOnlySpan<float> prefix)
    {
        var unit = new float[prefix.Length];
        UnitLength.Write(prefix, unit);
        return unit;
    }

    /// <summary>Checks the number of dimensions asked for.</summary>
    /// <param name="dimensions">The number of dimensions asked for.</param>
    /// <param name="width">The number of values there are, or null where it is not known yet.</param>
    /// <param name="parameter">The parameter that asks.</param>
    /// <param name="what">The beginning of a sentence: what has that many values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1 or above the width.</exception>
    public static void Check(int dimensions, int? width, string parameter, string what)
    {
        if (dimensions < 1 || dimensions > width)
        {
            throw new ArgumentOutOfRangeException(parameter, dimensions, width is { } max
                ? $"Cannot generate embeddings of {dimensions} dimensions: {what} {max} values. Choose 1..{max}."
                : $"Cannot generate embeddings of {dimensions} dimensions. Choose 1 or more.");
        }
    }

    /// <summary>Checks that there is one embedding for each text, so that none is taken for another's.</summary>
    /// <param name="found">The number of embeddings.</param>
    /// <param name="texts">The number of texts.</param>
    /// <param name="source">The beginning of a sentence: what returned the embeddings.</param>
    /// <param name="advice">The advice, a sentence.</param>
    /// <exception cref="InvalidOperationException">The numbers differ.</exception>
    public static void CheckCount(int found, int texts, string source, string advice)
    {
        if (found != texts)
        {
            throw new InvalidOperationException($"{source} returned {found} embeddings for {texts} texts, "
                + $"so none can be matched with its text. {advice}");
        }
    }
}

using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Extensions.AI;

/// <summary>Cuts a vector to dimensions that were asked for, then scales to unit length.</summary>
internal static class EmbeddingCut
{
    public static float[] ToUnitLength(ReadOnlySpan<float> prefix)
    {
        var unit = new float[prefix.Length];
        UnitLength.Write(prefix, unit);
        return unit;
    }

    /// <summary>Refuses dimensions that cannot be had.</summary>
    /// <param name="dimensions">What was asked for.</param>
    /// <param name="width">The width there is, or null where it is not known yet.</param>
    /// <param name="parameter">The parameter that asked.</param>
    /// <param name="what">What has that width.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are below 1 or above the width.</exception>
    public static void Check(int dimensions, int? width, string parameter, string what)
    {
        if (dimensions < 1 || dimensions > width)
        {
            throw new ArgumentOutOfRangeException(parameter, dimensions, width is { } most
                ? $"Cannot generate embeddings of {dimensions} dimensions: {what} {most} values. Choose 1..{most}."
                : $"Cannot generate embeddings of {dimensions} dimensions. Choose 1 or more.");
        }
    }
}

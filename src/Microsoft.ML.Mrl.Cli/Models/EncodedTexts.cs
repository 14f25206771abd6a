using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Embeds texts, each distinct text once.</summary>
internal static class EncodedTexts
{
    private const int TextsAtOnce = 128;

    /// <summary>Embeds texts, or takes their vectors from the cache.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="texts">The texts, in which equal ones may occur.</param>
    /// <param name="progress">Receives how many texts are done.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The vector of each text, <c>[D]</c>.</returns>
    public static IReadOnlyDictionary<string, float[]> Of(
        TextEncoder encoder, IEnumerable<string> texts, IJobProgress progress, CancellationToken cancellation)
    {
        // Texts of like length are embedded together. The longest come first, so that the time left is not underestimated.
        string[] all =
        [
            .. texts.Distinct(StringComparer.Ordinal).OrderByDescending(text => text.Length).ThenBy(text => text, StringComparer.Ordinal),
        ];
        int width = encoder.Dimensions;
        var values = new float[checked(all.Length * width)];
        // A static encoder is as fast as the cache.
        string? key = encoder is StaticTextEncoder ? null : VectorCache.Key(encoder, all);
        if (key is null || !VectorCache.TryRead(key, values))
        {
            for (int start = 0; start < all.Length; start += TextsAtOnce)
            {
                progress.Count("Embedding texts", start, all.Length);
                string[] some = all[start..Math.Min(start + TextsAtOnce, all.Length)];
                encoder.Encode(some, values.AsSpan(start * width, some.Length * width), cancellationToken: cancellation);
            }
            if (key is not null)
            {
                VectorCache.Write(key, values);
            }
        }
        return Enumerable.Range(0, all.Length).ToDictionary(
            i => all[i], i => values[(i * width)..((i + 1) * width)], StringComparer.Ordinal);
    }
}

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Computes the rows of the table of positions for the tokens of a batch.</summary>
internal static class TransformerPositions
{
    /// <summary>
    /// Returns one row a token, <c>[N, T]</c>: its place, or for RoBERTa and MPNet the padding id plus how many real tokens there are up to
    /// it.
    /// </summary>
    public static long[] Of(TokenBatch batch, TransformerConfig config)
    {
        var positions = new long[batch.Ids.Length];
        for (int row = 0; row < batch.Rows; row++)
        {
            int real = 0;
            for (int t = 0; t < batch.Length; t++)
            {
                int i = row * batch.Length + t;
                positions[i] = !config.CountsRealTokens ? t : batch.Ids[i] == config.PadId ? config.PadId : config.PadId + ++real;
            }
        }
        return positions;
    }
}

/// <summary>T5's buckets of relative positions (Raffel et al. 2019, arXiv:1910.10683), which MPNet uses: near distances have one each, far
/// ones share them by their logarithm.</summary>
internal static class RelativePositions
{
    /// <summary>Returns the bucket of a distance, seen token minus seeing token.</summary>
    /// <param name="distance">The distance in tokens.</param>
    /// <param name="buckets">The number of buckets, for both directions together.</param>
    /// <param name="longest">Where the last bucket ends.</param>
    public static int Bucket(int distance, int buckets, int longest)
    {
        int half = buckets / 2;
        int start = distance > 0 ? half : 0;
        int size = Math.Abs(distance);
        int exact = half / 2;
        if (size < exact)
        {
            return start + size;
        }
        // In single precision, as the reference computes it: a bucket's edge must not move.
        int far = exact + (int)(MathF.Log((float)size / exact) / (float)Math.Log((double)longest / exact) * (half - exact));
        return start + Math.Min(far, half - 1);
    }
}

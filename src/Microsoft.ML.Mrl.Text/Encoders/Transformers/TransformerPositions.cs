namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>The rows of the table of positions that a batch's tokens take.</summary>
internal static class TransformerPositions
{
    /// <summary>One row a token, <c>[N, T]</c>: its place, or for RoBERTa and MPNet the padding id plus how many real tokens there are up to it.</summary>
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

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>
/// Represents the token ids of several texts, padded to the longest one: int64 <c>[N, T]</c>, with 1 in the mask for real tokens.
/// </summary>
internal sealed record TokenBatch(long[] Ids, long[] Mask, int Rows, int Length)
{
    /// <summary>Pads rows of ids to the same length.</summary>
    /// <param name="rows">N rows, each with an id or more.</param>
    /// <param name="padId">The padding id.</param>
    public static TokenBatch From(IReadOnlyList<int[]> rows, int padId)
    {
        int length = rows.Max(row => row.Length);
        var ids = new long[checked(rows.Count * length)];
        var mask = new long[ids.Length];
        Array.Fill(ids, padId);
        for (int i = 0; i < rows.Count; i++)
        {
            for (int t = 0; t < rows[i].Length; t++)
            {
                ids[i * length + t] = rows[i][t];
                mask[i * length + t] = 1;
            }
        }
        return new TokenBatch(ids, mask, rows.Count, length);
    }
}

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

    /// <summary>Returns some rows, filled up to a number of rows and a length; further rows repeat the last one.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows are taken.</param>
    /// <param name="rows">How many there are to be.</param>
    /// <param name="length">The length that they are to have, at least their own.</param>
    /// <param name="padId">The padding id.</param>
    public TokenBatch Filled(int first, int count, int rows, int length, int padId)
    {
        var ids = new long[checked(rows * length)];
        var mask = new long[ids.Length];
        Array.Fill(ids, padId);
        for (int i = 0; i < rows; i++)
        {
            int from = (first + Math.Min(i, count - 1)) * Length;
            Ids.AsSpan(from, Length).CopyTo(ids.AsSpan(i * length));
            Mask.AsSpan(from, Length).CopyTo(mask.AsSpan(i * length));
        }
        return new TokenBatch(ids, mask, rows, length);
    }
}

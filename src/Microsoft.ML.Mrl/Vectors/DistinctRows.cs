namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Represents rows without duplicates, numbered in the order of their first appearance.</summary>
internal sealed class DistinctRows
{
    private DistinctRows(EmbeddingMatrix rows, int[] numberOf, int[] firsts)
    {
        Rows = rows;
        NumberOf = numberOf;
        Firsts = firsts;
    }

    /// <summary>Gets the distinct rows, <c>[U, D]</c>.</summary>
    public EmbeddingMatrix Rows { get; }

    /// <summary>Gets the number of the distinct row that each of the N rows equals.</summary>
    public int[] NumberOf { get; }

    /// <summary>Gets the first row that equals each of the U distinct rows.</summary>
    public int[] Firsts { get; }

    /// <summary>Folds rows, <c>[N, D]</c>. 0 and -0 are the same value.</summary>
    public static DistinctRows Of(EmbeddingMatrix rows)
    {
        (int[] numberOf, List<int> firsts) = Fold(rows);
        return new DistinctRows(firsts.Count == rows.Count ? rows : rows.Pick(firsts), numberOf, [.. firsts]);
    }

    /// <summary>Returns the number of the distinct row that each row equals, without copying rows.</summary>
    public static int[] NumbersOf(EmbeddingMatrix rows) => Fold(rows).NumberOf;

    private static (int[] NumberOf, List<int> Firsts) Fold(EmbeddingMatrix rows)
    {
        var firsts = new List<int>();
        var numberOf = new int[rows.Count];
        var byHash = new Dictionary<int, List<int>>();
        for (int i = 0; i < rows.Count; i++)
        {
            int code = HashOf(rows.Row(i));
            if (!byHash.TryGetValue(code, out List<int>? candidates))
            {
                byHash.Add(code, candidates = []);
            }
            int found = candidates.FindIndex(number => rows.Row(firsts[number]).SequenceEqual(rows.Row(i)));
            if (found < 0)
            {
                found = candidates.Count;
                candidates.Add(firsts.Count);
                firsts.Add(i);
            }
            numberOf[i] = candidates[found];
        }
        return (numberOf, firsts);
    }

    private static int HashOf(ReadOnlySpan<float> row)
    {
        var hash = new HashCode();
        foreach (float value in row)
        {
            hash.Add(value);
        }
        return hash.ToHashCode();
    }
}

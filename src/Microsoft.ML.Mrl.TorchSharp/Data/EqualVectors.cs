namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Numbers vectors so that equal ones have equal numbers, across columns.</summary>
internal static class EqualVectors
{
    /// <summary>The number of each row's vector, for every column that the head maps.</summary>
    public static Dictionary<VectorRole, int[]> Number(ExampleSet examples)
    {
        var numbers = new Dictionary<RowKey, int>(new ByValues());
        return examples.Vectors.Where(v => v.Key.IsEmbedded).OrderBy(v => v.Key).ToDictionary(v => v.Key, v => NumbersOf(v.Value));

        int[] NumbersOf(VectorRows rows)
        {
            var result = new int[rows.Count];
            for (int row = 0; row < result.Length; row++)
            {
                var key = new RowKey(rows, row);
                if (!numbers.TryGetValue(key, out result[row]))
                {
                    result[row] = numbers.Count;
                    numbers.Add(key, result[row]);
                }
            }
            return result;
        }
    }

    private readonly record struct RowKey(VectorRows Rows, int Row);

    private sealed class ByValues : IEqualityComparer<RowKey>
    {
        public bool Equals(RowKey x, RowKey y) => x.Rows.RowEquals(x.Row, y.Rows, y.Row);

        public int GetHashCode(RowKey key) => key.Rows.HashOf(key.Row);
    }
}

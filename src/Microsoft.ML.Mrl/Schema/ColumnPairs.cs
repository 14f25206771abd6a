namespace Microsoft.ML.Mrl.Schema;

/// <summary>Converts ML.NET's column pairs to the form that the transformers use.</summary>
internal static class ColumnPairs
{
    public static (string Output, string Input)[] From(InputOutputColumnPair[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0)
        {
            throw new ArgumentException("No columns given. Name at least one output and input column.", nameof(columns));
        }
        return [.. columns.Select(c => (c.OutputColumnName, c.InputColumnName ?? c.OutputColumnName))];
    }
}

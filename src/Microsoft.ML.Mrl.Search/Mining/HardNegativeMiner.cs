using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Mining;

/// <summary>Reads pairs from a view, searches, and makes the view of the pairs with their negatives.</summary>
internal static class HardNegativeMiner
{
    /// <returns>The view, and how many pairs it leaves out because nothing was found for them.</returns>
    public static (MinedPairsView View, int Pairs, int Without) Mine(
        IDataView pairs, string anchorColumnName, string positiveColumnName, HardNegativeOptions options)
    {
        options.Check(nameof(options));
        var anchor = new EmbeddingColumnReader(pairs.Schema, anchorColumnName, "anchor", nameof(anchorColumnName));
        var positive = new EmbeddingColumnReader(pairs.Schema, positiveColumnName, "positive", nameof(positiveColumnName));
        if (anchor.Width != positive.Width)
        {
            throw SchemaErrors.Mismatch(
                nameof(positiveColumnName), "positive", positiveColumnName, anchor.Column.Type.ToString()!,
                positive.Column.Type.ToString()!);
        }
        EmbeddingColumnReader? source = options.NegativeSourceColumnName is { } name && name != positiveColumnName
            ? new EmbeddingColumnReader(pairs.Schema, name, "negative source", nameof(options))
            : null;
        if (pairs.Schema.GetColumnOrNull(options.NegativeColumnName) is not null)
        {
            throw new ArgumentException(
                $"Cannot make column '{options.NegativeColumnName}': it is there already. Choose another " +
                $"{nameof(options.NegativeColumnName)}.", nameof(options));
        }
        if (options.Dimensions > anchor.Width)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.Dimensions,
                $"Cannot mine at {options.Dimensions}: column '{anchorColumnName}' has {anchor.Width} values. Choose 1..{anchor.Width}.");
        }

        Read(pairs, source is null ? [anchor, positive] : [anchor, positive, source]);
        if (anchor.ToMatrix().Count == 0)
        {
            throw new InvalidOperationException("Nothing to mine: pairs has no rows. Check the view and its filters.");
        }
        DistinctRows documents = DistinctRows.Of(positive.ToMatrix());
        int[][] found = HardNegativeSearch.Find(anchor.ToMatrix(), documents, options);
        EmbeddingMatrix negatives = source is null ? documents.Rows : source.ToMatrix().Pick(documents.Firsts);
        var view = new MinedPairsView(pairs, (source ?? positive).Column, options.NegativeColumnName, found, negatives);
        return (view, found.Length, found.Count(list => list.Length == 0));
    }

    private static void Read(IDataView pairs, EmbeddingColumnReader[] readers)
    {
        using DataViewRowCursor cursor = pairs.GetRowCursor(readers.Select(reader => reader.Column));
        foreach (EmbeddingColumnReader reader in readers)
        {
            reader.Open(cursor, pairs.GetRowCount());
        }
        while (cursor.MoveNext())
        {
            foreach (EmbeddingColumnReader reader in readers)
            {
                reader.Append();
            }
        }
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Builds an index from columns of a view.</summary>
internal static class FunnelView
{
    private const int RowsAtOnce = 1024;

    // Prefixes below say too little to pick from.
    private const int ShortestDefault = 16;

    public static FunnelIndex Build(
        IDataView data, string embeddingColumnName, string? idColumnName, FunnelIndexOptions options, IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var embedding = new EmbeddingColumnReader(data.Schema, embeddingColumnName, "embedding", nameof(embeddingColumnName));
        IdColumnReader? id = idColumnName is null ? null : new IdColumnReader(data.Schema, idColumnName, nameof(idColumnName));
        // The graph comes last, in one go.
        FunnelIndex.CheckPlan(options.Plan, embedding.Width, nameof(options));
        var index = new FunnelIndex(embedding.Width, new FunnelIndexOptions
        {
            Prefixes = options.Prefixes ?? Trained(embedding.Column), Plan = FunnelPlan.Exact,
            MaxDegreeOfParallelism = options.MaxDegreeOfParallelism,
        });
        try
        {
            using DataViewRowCursor cursor = data.GetRowCursor(id is null ? [embedding.Column] : [embedding.Column, id.Column]);
            embedding.Open(cursor, RowsAtOnce);
            id?.Open(cursor);
            var ids = new long[RowsAtOnce];
            int count = 0;
            long row = 0;
            while (cursor.MoveNext())
            {
                ids[count++] = id?.Read(row) ?? row;
                row++;
                embedding.Append();
                if (count == RowsAtOnce)
                {
                    Flush();
                }
            }
            Flush();
            index.SetPlan(options.Plan, progress, cancellationToken);
            return index;

            void Flush()
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (count > 0)
                {
                    index.Add(ids.AsSpan(0, count), embedding.ToMatrix().Values.Span, cancellationToken: cancellationToken);
                    embedding.Clear();
                    count = 0;
                }
            }
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private static MatryoshkaDimensions? Trained(DataViewSchema.Column column)
    {
        if (!EmbeddingAnnotations.TryGetTrainedDimensions(column, out MatryoshkaDimensions? trained))
        {
            return null;
        }
        int[] longer = [.. trained.Where(m => m >= ShortestDefault)];
        return longer.Length > 0 ? new MatryoshkaDimensions(longer) : trained;
    }
}

namespace Microsoft.ML.Mrl;

/// <summary>A score that is the weighted mean of a value of each row: Σ t w v / Σ t w, t how often the row was drawn.</summary>
internal sealed class MeanOfRows(RowValues rows) : RowScores
{
    /// <summary>MRR@10 of the held-back inputs' positives among the held-back positives; where there are groups, any positive of an input's group is its own.</summary>
    public static MeanOfRows ReciprocalRank(ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, int[]? groups = null)
    {
        var ranks = new RowValues(dimensions.Count, rows.Held.Length);
        PairedRetrieval.Evaluate(embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, rows.Held), dimensions, groups: groups, reciprocalRanks: ranks);
        return new MeanOfRows(ranks);
    }

    public override int Rows => rows.Rows;

    public override int Dimensions => rows.Dimensions;

    public override void Of(ReadOnlySpan<int> times, Span<double> scores)
    {
        ReadOnlySpan<double> weights = rows.Weights;
        double sum = 0;
        for (int i = 0; i < times.Length; i++)
        {
            sum += times[i] * weights[i];
        }
        for (int m = 0; m < scores.Length; m++)
        {
            ReadOnlySpan<double> values = rows.At(m);
            double total = 0;
            for (int i = 0; i < times.Length; i++)
            {
                total += times[i] * weights[i] * values[i];
            }
            scores[m] = total / sum;
        }
    }
}

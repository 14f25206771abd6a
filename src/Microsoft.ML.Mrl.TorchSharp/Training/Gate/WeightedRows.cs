namespace Microsoft.ML.Mrl;

/// <summary>The weighted mean of several scores, all of the same rows.</summary>
/// <param name="parts">The scores and their weights, at least one.</param>
internal sealed class WeightedRows((RowScores Scores, double Weight)[] parts) : RowScores
{
    public override int Rows => parts[0].Scores.Rows;

    public override int Dimensions => parts[0].Scores.Dimensions;

    public override void Of(ReadOnlySpan<int> times, Span<double> scores)
    {
        double total = parts.Sum(part => part.Weight);
        Span<double> ofPart = stackalloc double[scores.Length];
        scores.Clear();
        foreach ((RowScores part, double weight) in parts)
        {
            part.Of(times, ofPart);
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] += ofPart[i] * weight / total;
            }
        }
    }
}

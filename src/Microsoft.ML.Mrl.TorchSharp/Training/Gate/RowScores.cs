namespace Microsoft.ML.Mrl;

/// <summary>What every row held back adds to a score at every dimension, so that the score can be had of any resample of the rows.</summary>
internal abstract class RowScores
{
    /// <summary>The number of rows N, in the order of <see cref="ScoringRows.Held"/>.</summary>
    public abstract int Rows { get; }

    /// <summary>The number of dimensions M.</summary>
    public abstract int Dimensions { get; }

    /// <summary>The measures that this one mixes, by name, on the same rows: the mixture must not hide that one of them was harmed. Default: none.</summary>
    public IReadOnlyList<(string Name, RowScores Scores)> Parts { get; init; } = [];

    /// <summary>The scores of a resample.</summary>
    /// <param name="times">How often each of the N rows is in it, 0 or more.</param>
    /// <param name="scores">Room for M scores; NaN where the resample has none.</param>
    public abstract void Of(ReadOnlySpan<int> times, Span<double> scores);

    /// <summary>The scores of the rows themselves, each once.</summary>
    public double[] OfAll()
    {
        var scores = new double[Dimensions];
        var once = new int[Rows];
        Array.Fill(once, 1);
        Of(once, scores);
        return scores;
    }
}

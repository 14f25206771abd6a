namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Which rows of a task are trained on and measured by.</summary>
/// <param name="TrainingRows">The most rows to train on; null for all.</param>
/// <param name="MeasuresHeldBack">
/// Whether a fourth of the training rows, at most 3,000, is measured by in place of the test rows: for choices that test rows must have no
/// say in.
/// </param>
/// <param name="Seed">Draws them.</param>
internal sealed record RowChoice(int? TrainingRows = null, bool MeasuresHeldBack = false, int Seed = 7)
{
    private const int MostHeldBack = 3_000;

    /// <summary>The rows to train on and those to measure by.</summary>
    public (Example[] Train, Example[] Test) Choose(Example[] train, Example[] test)
    {
        if (TrainingRows is null && !MeasuresHeldBack)
        {
            return (train, test);
        }
        Example[] shuffled = [.. train];
        new Random(Seed).Shuffle(shuffled);
        if (MeasuresHeldBack)
        {
            int held = Math.Min(MostHeldBack, shuffled.Length / 4);
            (test, shuffled) = (shuffled[..held], shuffled[held..]);
        }
        return (shuffled[..Math.Min(TrainingRows ?? shuffled.Length, shuffled.Length)], test);
    }
}

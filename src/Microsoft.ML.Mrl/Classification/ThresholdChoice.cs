namespace Microsoft.ML.Mrl;

/// <summary>
/// Chooses at which margin to stop at each dimension: begins with never stopping before the largest, and lowers again and again the threshold that saves the most dimensions for each row lost, while no more rows are lost than
/// allowed.
/// </summary>
internal static class ThresholdChoice
{
    // Thresholds tried at a dimension: never, these quantiles of the margins, always.
    private const int Levels = 50;

    /// <param name="dimensions">M prefix lengths.</param>
    /// <param name="margins">The margin of each row at each dimension, <c>[M][N]</c>.</param>
    /// <param name="right">Whether it is classified rightly there.</param>
    /// <param name="loss">The accuracy that may be lost against the largest dimension.</param>
    /// <returns>M - 1 thresholds: stop where the margin is at least that.</returns>
    public static float[] Choose(MatryoshkaDimensions dimensions, float[][] margins, bool[][] right, double loss)
    {
        int rows = margins[0].Length, stages = dimensions.Count - 1;
        float[][] levels = [.. margins.Take(stages).Select(LevelsOf)];
        int full = right[^1].Count(r => r);
        int least = (int)Math.Ceiling(full - (loss * rows) - 1e-9);
        var choice = new int[stages];
        (int correct, long sum) = Measure(choice);
        while (true)
        {
            int best = -1;
            double bestGain = 0;
            for (int i = 0; i < stages; i++)
            {
                if (choice[i] == levels[i].Length - 1)
                {
                    continue;
                }
                choice[i]++;
                (int nextCorrect, long nextSum) = Measure(choice);
                choice[i]--;
                double gain = (sum - nextSum) / (Math.Max(0, correct - nextCorrect) + 0.5);
                if (nextCorrect >= least && gain > bestGain)
                {
                    (best, bestGain) = (i, gain);
                }
            }
            if (best < 0)
            {
                return [.. choice.Select((level, i) => levels[i][level])];
            }
            choice[best]++;
            (correct, sum) = Measure(choice);
        }

        (int Correct, long Sum) Measure(int[] c)
        {
            int hits = 0;
            long used = 0;
            for (int row = 0; row < rows; row++)
            {
                int i = 0;
                while (i < stages && margins[i][row] < levels[i][c[i]])
                {
                    i++;
                }
                hits += right[i][row] ? 1 : 0;
                used += dimensions[i];
            }
            return (hits, used);
        }
    }

    private static float[] LevelsOf(float[] margins)
    {
        float[] sorted = [.. margins.OrderDescending()];
        var levels = new List<float> { float.PositiveInfinity };
        for (int i = 1; i < Levels; i++)
        {
            float level = sorted[(int)((long)i * sorted.Length / Levels)];
            if (level < levels[^1] && level > 0)
            {
                levels.Add(level);
            }
        }
        levels.Add(0);
        return [.. levels];
    }
}

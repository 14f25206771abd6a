namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Chooses the confidence at which to stop at each dimension, so that few dimensions are used while no more rows are misclassified than
/// allowed.
/// </summary>
/// <remarks>
/// With a price on each row that is right, the thresholds are improved one after the other until none gets better, for many prices,
/// beginning with never stopping and with always stopping. Of all thresholds met that lose no more than allowed, those with the fewest
/// dimensions are taken, and improved two at a time, or one where there are very many rows, until none saves more.
/// </remarks>
internal sealed class ThresholdChoice
{
    // Thresholds tried at a dimension: never, these quantiles of the confidences, always.
    private const int Levels = 50;

    private const int Prices = 40;
    private const int MaxSweeps = 20;

    // With more rows thresholds are no longer improved two at a time.
    private const int MaxRowsForPairs = 10_000;

    private readonly int[] _dimensions;
    private readonly bool[][] _right;
    private readonly float[][] _levels;

    // At each dimension the first level at which each row stops, [M - 1][N].
    private readonly byte[][] _firsts;

    private ThresholdChoice(MatryoshkaDimensions dimensions, float[][] confidences, bool[][] right)
    {
        _dimensions = [.. dimensions];
        _right = right;
        _levels = [.. confidences.Take(dimensions.Count - 1).Select(LevelsOf)];
        _firsts = [.. _levels.Select((levels, i) =>
            Array.ConvertAll(confidences[i], confidence => (byte)Array.FindIndex(levels, level => confidence >= level)))];
    }

    private int Stages => _levels.Length;

    private int Rows => _right[0].Length;

    /// <param name="dimensions">M prefix lengths.</param>
    /// <param name="confidences">The confidence of each row at each dimension, at least 0, <c>[M][N]</c>.</param>
    /// <param name="right">Whether it is classified rightly there.</param>
    /// <param name="loss">The accuracy that may be lost against the largest dimension.</param>
    /// <returns>M - 1 thresholds. Classification stops at a dimension if the confidence reaches its threshold.</returns>
    public static float[] Choose(MatryoshkaDimensions dimensions, float[][] confidences, bool[][] right, double loss)
    {
        var choice = new ThresholdChoice(dimensions, confidences, right);
        int least = (int)Math.Ceiling(right[^1].Count(r => r) - (loss * right[0].Length) - 1e-9);
        return [.. choice.Best(least).Select((level, i) => choice._levels[i][level])];
    }

    private int[] Best(int least)
    {
        // Never to stop loses nothing.
        int[] best = new int[Stages];
        if (Stages == 0)
        {
            return best;
        }
        (int correct, long used) = (int.MinValue, long.MaxValue);
        foreach (int[] start in new[] { new int[Stages], [.. _levels.Select(levels => levels.Length - 1)] })
        {
            int[] levels = start;
            for (int i = 0; i < Prices; i++)
            {
                // From a dimension for a row, at which hardly any row is worth it, to all dimensions of all rows.
                double price = Math.Pow((double)Rows * _dimensions[^1], (double)i / (Prices - 1));
                Improve(levels, price);
                (int[] corrects, long[] useds) = Along(levels, 0);
                (int nextCorrect, long nextUsed) = (corrects[levels[0]], useds[levels[0]]);
                if (nextCorrect >= least && (nextUsed, -nextCorrect).CompareTo((used, -correct)) < 0)
                {
                    (best, correct, used) = ([.. levels], nextCorrect, nextUsed);
                }
            }
        }
        Save(best, least);
        return best;
    }

    /// <summary>
    /// Sets one threshold after another to the level that minimizes the dimensions used minus the price times the correct rows.
    /// </summary>
    private void Improve(int[] levels, double price)
    {
        bool isChanged = true;
        for (int sweep = 0; isChanged && sweep < MaxSweeps; sweep++)
        {
            isChanged = false;
            for (int stage = Stages - 1; stage >= 0; stage--)
            {
                (int[] corrects, long[] useds) = Along(levels, stage);
                int level = Enumerable.Range(0, useds.Length).MinBy(l => useds[l] - (price * corrects[l]));
                isChanged |= level != levels[stage];
                levels[stage] = level;
            }
        }
    }

    /// <summary>
    /// Changes one or two thresholds at a time while that saves dimensions, or uses as many and classifies more rows correctly, without
    /// losing more rows than allowed.
    /// </summary>
    private void Save(int[] levels, int least)
    {
        bool isChanged = true;
        for (int sweep = 0; isChanged && sweep < MaxSweeps; sweep++)
        {
            isChanged = false;
            for (int first = 0; first < Stages; first++)
            {
                for (int second = Stages - 1; second >= first; second--)
                {
                    isChanged |= (second == first || Rows <= MaxRowsForPairs) && Save(levels, first, second, least);
                }
            }
        }
    }

    private bool Save(int[] levels, int first, int second, int least)
    {
        (int[] corrects, long[] useds) = Along(levels, second);
        (long, int) now = (useds[levels[second]], -corrects[levels[second]]);
        (int First, int Second) best = (levels[first], levels[second]), before = best;
        for (int other = 0; other < (first == second ? 1 : _levels[first].Length); other++)
        {
            if (first != second)
            {
                levels[first] = other;
                (corrects, useds) = Along(levels, second);
            }
            for (int level = 0; level < useds.Length; level++)
            {
                if (corrects[level] >= least && (useds[level], -corrects[level]).CompareTo(now) < 0)
                {
                    (best, now) = ((other, level), (useds[level], -corrects[level]));
                }
            }
        }
        if (first == second)
        {
            best.First = best.Second;
        }
        (levels[first], levels[second]) = best;
        return best != before;
    }

    /// <summary>
    /// Returns the number of correct rows and of dimensions used at every level of one threshold, while the others stay as they are.
    /// </summary>
    private (int[] Correct, long[] Used) Along(int[] levels, int stage)
    {
        int count = _levels[stage].Length;
        var correct = new int[count];
        var used = new long[count];
        int always = 0;
        long alwaysUsed = 0;
        for (int row = 0; row < Rows; row++)
        {
            int stop = StopOf(levels, 0, stage, row), level = _firsts[stage][row];
            if (stop == stage)
            {
                // What changes from the level on at which this row stops here.
                stop = StopOf(levels, stage + 1, Stages, row);
                correct[level] += (_right[stage][row] ? 1 : 0) - (_right[stop][row] ? 1 : 0);
                used[level] += _dimensions[stage] - _dimensions[stop];
            }
            always += _right[stop][row] ? 1 : 0;
            alwaysUsed += _dimensions[stop];
        }
        for (int level = 0; level < count; level++)
        {
            correct[level] = always += correct[level];
            used[level] = alwaysUsed += used[level];
        }
        return (correct, used);
    }

    // The first of some dimensions at which a row stops, or the one after them.
    private int StopOf(int[] levels, int from, int to, int row)
    {
        int stage = from;
        while (stage < to && levels[stage] < _firsts[stage][row])
        {
            stage++;
        }
        return stage;
    }

    private static float[] LevelsOf(float[] confidences)
    {
        float[] sorted = [.. confidences.OrderDescending()];
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

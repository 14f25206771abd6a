using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Row numbers to train on and row numbers held back; rows with equal inputs, and pairs that have a side in common, are on one side.
/// </summary>
internal sealed record ExampleSplit(int[] Training, int[] Validation)
{
    /// <summary>Splits by a seed, or where the examples say.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="fraction">The share to hold back, 0..1.</param>
    /// <param name="random">Decides which.</param>
    /// <param name="log">Is told where pairs that have a side in common could not be kept together; null for nobody.</param>
    public static ExampleSplit Make(ExampleSet examples, double fraction, Random random, MrlLog? log = null)
    {
        if (examples.ValidationStart is { } start)
        {
            return new ExampleSplit(Range(0, start), Range(start, examples.Count));
        }
        int wanted = (int)(examples.Count * fraction);
        if (wanted < 1 || examples.Count - wanted < 2)
        {
            return new ExampleSplit(Range(0, examples.Count), []);
        }
        var equal = new EqualRows(examples);
        ExampleGroups groups = equal.ByBoth();
        (bool[] isHeld, int held) = Hold(examples, groups, wanted, random);
        if (equal.HasPositives && held < (wanted + 1) / 2)
        {
            (bool[] isHeldByInput, int heldByInput) = Hold(examples, equal.ByInput(), wanted, random);
            if (heldByInput > held)
            {
                TellOfLargest(log, groups.Largest(), examples.Count);
                (isHeld, held) = (isHeldByInput, heldByInput);
            }
        }
        return Of(isHeld, held);
    }

    /// <summary>The rows held back and all others, each ascending.</summary>
    public static ExampleSplit Of(bool[] isHeld, int held)
    {
        var training = new int[isHeld.Length - held];
        var validation = new int[held];
        for (int row = 0, trained = 0, kept = 0; row < isHeld.Length; row++)
        {
            if (isHeld[row])
            {
                validation[kept++] = row;
            }
            else
            {
                training[trained++] = row;
            }
        }
        return new ExampleSplit(training, validation);
    }

    /// <summary>Says that only pairs with equal inputs were kept together.</summary>
    public static void TellOfLargest(MrlLog? log, int largest, int rows) => log?.Info(
        $"{largest} of {rows} pairs hang together by sides that they have in common, too many to hold back pairs that have none in " +
        "common with the others. So only pairs with equal inputs are kept together, and the scores on the rows held back may be too high.");

    private static int[] Range(int start, int end)
    {
        var rows = new int[end - start];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = start + i;
        }
        return rows;
    }

    /// <summary>Takes groups in a random order as long as they fit; a class keeps at least one row to be learned from.</summary>
    private static (bool[] IsHeld, int Held) Hold(ExampleSet examples, ExampleGroups groups, int wanted, Random random)
    {
        int[]? labels = examples.LearnsLabels ? examples.Labels : null;
        int[] left = labels is null ? [] : RowsByClass(labels, examples.Classes);
        var isHeld = new bool[examples.Count];
        int held = 0;
        foreach (int group in groups.Shuffled(random))
        {
            ReadOnlySpan<int> rows = groups[group];
            if (held + rows.Length <= wanted && (labels is null || TryTake(rows, labels, left)))
            {
                foreach (int row in rows)
                {
                    isHeld[row] = true;
                }
                held += rows.Length;
            }
        }
        return (isHeld, held);
    }

    private static bool TryTake(ReadOnlySpan<int> rows, int[] labels, int[] left)
    {
        bool isLeft = true;
        foreach (int row in rows)
        {
            left[labels[row]]--;
            isLeft &= left[labels[row]] > 0;
        }
        if (!isLeft)
        {
            foreach (int row in rows)
            {
                left[labels[row]]++;
            }
        }
        return isLeft;
    }

    private static int[] RowsByClass(int[] labels, int classes)
    {
        var counts = new int[classes];
        foreach (int label in labels)
        {
            counts[label]++;
        }
        return counts;
    }
}

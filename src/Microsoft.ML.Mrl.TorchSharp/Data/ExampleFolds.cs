using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Parts of the examples that are held back in turn, so that nearly every row is held back once: rows with equal inputs, or pairs that have
/// a side in common, are in one part, and those of a class are spread over all of them. A class of one input is always trained on, since
/// nothing could be learned about it without. Where pairs hang together in so large groups that parts could not be even, only equal inputs
/// are kept together.
/// </summary>
internal static class ExampleFolds
{
    /// <summary>Makes the parts.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="count">How many parts, at least 2.</param>
    /// <param name="random">Draws them.</param>
    /// <param name="log">Is told where pairs that have a side in common could not be kept together; null for nobody.</param>
    public static ExampleSplit[] Make(ExampleSet examples, int count, Random random, MrlLog? log = null)
    {
        var equal = new EqualRows(examples);
        ExampleGroups groups = equal.ByBoth();
        int largest = groups.Largest();
        if (equal.HasPositives && largest * 2L * count > examples.Count)
        {
            ExampleGroups byInput = equal.ByInput();
            if (byInput.Count > groups.Count)
            {
                ExampleSplit.TellOfLargest(log, largest, examples.Count);
                groups = byInput;
            }
        }
        int[] order = groups.Shuffled(random);
        if (examples.LearnsLabels && examples.Labels is { } labels)
        {
            order = ByClass(order, Array.ConvertAll(order, group => labels[groups[group][0]]), examples.Classes);
        }
        var partOf = new int[examples.Count];
        Array.Fill(partOf, -1);
        var held = new int[count];
        for (int i = 0; i < order.Length; i++)
        {
            foreach (int row in groups[order[i]])
            {
                partOf[row] = i % count;
            }
            held[i % count] += groups[order[i]].Length;
        }
        var splits = new ExampleSplit[count];
        for (int part = 0; part < count; part++)
        {
            splits[part] = ExampleSplit.Of(Array.ConvertAll(partOf, p => p == part), held[part]);
        }
        return splits;
    }

    /// <summary>The groups by their class, those of a class in the order that they came in, without classes of one group.</summary>
    private static int[] ByClass(int[] groups, int[] classOf, int classes)
    {
        var counts = new int[classes];
        foreach (int label in classOf)
        {
            counts[label]++;
        }
        var starts = new int[classes];
        int kept = 0;
        for (int label = 0; label < classes; label++)
        {
            starts[label] = kept;
            kept += counts[label] > 1 ? counts[label] : 0;
        }
        var sorted = new int[kept];
        for (int i = 0; i < groups.Length; i++)
        {
            if (counts[classOf[i]] > 1)
            {
                sorted[starts[classOf[i]]++] = groups[i];
            }
        }
        return sorted;
    }
}

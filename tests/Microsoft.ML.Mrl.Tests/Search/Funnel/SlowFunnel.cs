using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

/// <summary>The funnel in plain loops and double precision.</summary>
internal static class SlowFunnel
{
    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int width)
    {
        double dot = 0, aa = 0, bb = 0;
        for (int c = 0; c < width; c++)
        {
            dot += (double)a[c] * b[c];
            aa += (double)a[c] * a[c];
            bb += (double)b[c] * b[c];
        }
        return aa == 0 || bb == 0 ? 0 : dot / Math.Sqrt(aa) / Math.Sqrt(bb);
    }

    /// <summary>The rows found, nearest first.</summary>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="query">The query.</param>
    /// <param name="widths">The widths from the first of the plan on.</param>
    /// <param name="lists">A length for each but the first.</param>
    /// <param name="k">How many.</param>
    public static int[] Search(EmbeddingMatrix rows, float[] query, int[] widths, int[] lists, int k)
    {
        int[] list = [.. Enumerable.Range(0, rows.Count)];
        for (int i = 0; i < widths.Length; i++)
        {
            int keep = i < lists.Length ? lists[i] : k, width = widths[i];
            list = [.. list.OrderByDescending(row => Cosine(rows.Row(row), query, width)).ThenBy(row => row).Take(keep)];
        }
        return list;
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>Measures variants that take turns, so that what else the machine does hits all of them.</summary>
internal static class Turns
{
    /// <summary>Runs every variant once to warm up, then in rounds.</summary>
    /// <param name="variants">What to run; the first is what the others are compared with.</param>
    /// <param name="rounds">How many rounds count; odd, so that there is a median.</param>
    /// <returns>For each variant the median of its seconds, and the median over rounds of the first one's seconds over its own.</returns>
    public static (double Seconds, double Ratio)[] Measure((string Name, Action Run)[] variants, int rounds)
    {
        double[][] seconds = Times(variants, rounds);
        return [.. seconds.Select(own => (Median(own), Median(seconds[0].Zip(own, (a, b) => a / b))))];
    }

    /// <summary>Measures, and prints a row of a table for each variant: its times, and its time over that of the first.</summary>
    /// <param name="title">The heading of the first column.</param>
    /// <param name="variants">What to run; the first is what the others are compared with.</param>
    /// <param name="rounds">How many rounds count; odd, so that there is a median.</param>
    public static void Print(string title, (string Name, Action Run)[] variants, int rounds)
    {
        double[][] seconds = Times(variants, rounds);
        Console.WriteLine();
        Console.WriteLine($"| {title} | median ms | least ms | median over the first | least over the first |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        for (int v = 0; v < variants.Length; v++)
        {
            double ratio = Median(seconds[v].Zip(seconds[0], (own, first) => own / first));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {variants[v].Name} | {1e3 * Median(seconds[v]):F2} | {1e3 * seconds[v].Min():F2} | {ratio:F3} | {seconds[v].Min() / seconds[0].Min():F3} |"));
        }
    }

    private static double[][] Times((string Name, Action Run)[] variants, int rounds)
    {
        double[][] seconds = [.. variants.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int v = 0; v < variants.Length; v++)
            {
                var clock = Stopwatch.StartNew();
                variants[v].Run();
                if (round >= 0)
                {
                    seconds[v][round] = clock.Elapsed.TotalSeconds;
                }
            }
        }
        return seconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Reads a column of vectors to its end.</summary>
    public static void Pull<T>(IDataView view, string columnName)
    {
        DataViewSchema.Column column = view.Schema[columnName];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<T>> read = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
        }
    }
}

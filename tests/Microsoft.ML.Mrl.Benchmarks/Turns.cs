using System.Diagnostics;
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
        return [.. seconds.Select(own => (Median(own), Median(seconds[0].Zip(own, (a, b) => a / b))))];

        double Median(IEnumerable<double> values) => values.Order().ElementAt(rounds / 2);
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

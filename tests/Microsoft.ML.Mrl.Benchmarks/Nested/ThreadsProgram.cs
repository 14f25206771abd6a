using System.Diagnostics;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>
/// From which size do steps pay for a second thread, and do products then keep their bytes? <c>dotnet run -c Release -- threads
/// [steps]</c>: steps with one and two threads take turns; the minima of both, over the multiplications by which <see cref="ThreadLimit"/>
/// decides.
/// </summary>
internal static class ThreadsProgram
{
    public static int Run(string[] args)
    {
        LibTorch.EnsureLoaded();
        int steps = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 60;
        foreach (int width in new[] { 128, 256, 384, 512, 768, 1024 })
        {
            using var data = new NestedData(pairs: true, width);
            foreach (int batch in new[] { 128, 256, 512 })
            {
                (double one, double two) = Time(data, batch, steps);
                Console.WriteLine(FormattableString.Invariant(
                    $"D = {width,4}, B = {batch,3}, {2.0 * batch * width * width:E1} multiplications: 1 thread {one:F2} ms, 2 threads {two:F2} ms, ratio {two / one:F2}; products of the same bytes: {SameBytes(data, batch)}"));
            }
        }
        return 0;
    }

    private static (double One, double Two) Time(NestedData data, int batch, int steps)
    {
        using var step = new OurStep(data, data.Nested, loss => loss.Forward);
        var random = new Random(1);
        double[] least = [double.MaxValue, double.MaxValue];
        for (int i = 0; i < steps; i++)
        {
            // Three in a row, so that the threads of libtorch are awake.
            int threads = i / 3 % 2;
            set_num_threads(threads + 1);
            int[] rows = [.. Enumerable.Range(0, batch).Select(_ => random.Next(NestedData.Rows))];
            long start = Stopwatch.GetTimestamp();
            step.Run(rows);
            least[threads] = Math.Min(least[threads], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        set_num_threads(1);
        return (least[0], least[1]);
    }

    private static bool SameBytes(NestedData data, int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] rows = [.. Enumerable.Range(0, batch)];
        Tensor left = data.Space.Coordinates(VectorRole.Anchor, rows);
        Tensor right = data.Space.Coordinates(VectorRole.Positive, rows);
        Tensor square = randn(data.Width, data.Width);
        float[][] results = [.. new[] { 1, 2 }.Select(threads =>
        {
            set_num_threads(threads);
            return (float[])[.. RowProducts.ToArray(left.mm(right.t())), .. RowProducts.ToArray(left.mm(square)),
                .. RowProducts.ToArray(left.t().mm(right))];
        })];
        set_num_threads(1);
        return results[0].AsSpan().SequenceEqual(results[1]);
    }
}

using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>Does the input keep up with the steps? Rows a second of reading, of gathering a batch and of whole steps: <c>dotnet run -c
/// Release -- input</c>.</summary>
internal static class InputProgram
{
    private const int Rows = 20_000;
    private const int Batch = 256;

    public static int Run()
    {
        LibTorch.EnsureLoaded();
        set_num_threads(1);
        foreach (int width in new[] { 384, 768, 1024 })
        {
            using var data = new NestedData(pairs: true, width);
            using var step = new OurStep(data, data.Nested, loss => loss.Forward);
            IDataView view = View(data, width);
            var random = new Random(1);
            double reading = Fastest(
                5, Rows, () => ExampleReader.Read(view, "Input", new RoleColumns { Positive = "Positive" }, CancellationToken.None));
            double gathering = Fastest(60, Batch, () =>
            {
                using DisposeScope scope = NewDisposeScope();
                data.Space.Coordinates(Choose());
            });
            double stepping = Fastest(60, Batch, () => step.Run(Choose()));
            Console.WriteLine(FormattableString.Invariant(
                $"D = {width}: reading {reading:N0} pairs/s ({reading / stepping:F1} steps' worth), gathering {gathering:N0} pairs/s ({gathering / stepping:F1}), stepping {stepping:N0} pairs/s"));

            int[] Choose() => [.. Enumerable.Range(0, Batch).Select(_ => random.Next(NestedData.Rows))];
        }
        return 0;
    }

    private static IDataView View(NestedData data, int width)
    {
        VectorRows anchors = data.Examples.Vectors[VectorRole.Anchor];
        Row[] rows = [.. Enumerable.Range(0, Rows).Select(i =>
        {
            var values = new float[width];
            anchors.CopyPrefix(i % NestedData.Rows, values);
            return new Row { Input = values, Positive = values };
        })];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema["Input"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        schema["Positive"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return new MLContext(1).Data.LoadFromEnumerable(rows, schema);
    }

    private static double Fastest(int times, int rows, Action action)
    {
        double least = double.MaxValue;
        for (int i = 0; i < times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return rows / least;
    }

    private sealed class Row
    {
        public float[] Input { get; set; } = [];

        public float[] Positive { get; set; } = [];
    }
}

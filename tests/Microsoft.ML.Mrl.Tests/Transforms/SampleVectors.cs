using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Vector columns made by hand, and read back as plain arrays.</summary>
internal static class SampleVectors
{
    public static VBuffer<float> Dense(params float[] values) => new(values.Length, values);

    public static VBuffer<float> Sparse(int width, params (int Index, float Value)[] slots) =>
        new(width, slots.Length, [.. slots.Select(s => s.Value)], [.. slots.Select(s => s.Index)]);

    public static float[][] Random(int rows, int width, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows)
            .Select(_ => Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())];
    }

    public static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    public static double Cosine(float[] a, float[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

    /// <summary>Rows with the column Embedding, and annotations on it.</summary>
    public static IDataView View(
        MLContext ml, int width, IEnumerable<VBuffer<float>> rows, Action<SchemaDefinition.Column>? annotate = null)
    {
        var definition = SchemaDefinition.Create(typeof(VectorRow));
        SchemaDefinition.Column column = definition[nameof(VectorRow.Embedding)];
        column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        annotate?.Invoke(column);
        return ml.Data.LoadFromEnumerable(rows.Select(r => new VectorRow { Embedding = r }).ToArray(), definition);
    }

    public static IDataView View(MLContext ml, float[][] rows, Action<SchemaDefinition.Column>? annotate = null) =>
        View(ml, rows[0].Length, rows.Select(r => Dense(r)), annotate);

    public static void TrainedAt(SchemaDefinition.Column column, params int[] dimensions) =>
        column.AddAnnotation(EmbeddingAnnotations.TrainedDimensions, new VBuffer<int>(dimensions.Length, dimensions),
            new VectorDataViewType(NumberDataViewType.Int32, dimensions.Length));

    public static float[][] Read(IDataView view, string column) =>
        [.. view.GetColumn<VBuffer<float>>(column).Select(v => v.DenseValues().ToArray())];

    /// <summary>n(x[:m]) as the formula says it, in double precision.</summary>
    public static float[] TruncatedByHand(float[] values, int dimensions)
    {
        double square = 0;
        for (int i = 0; i < dimensions; i++)
        {
            square += (double)values[i] * values[i];
        }
        double length = Math.Sqrt(square);
        var result = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            result[i] = (float)(values[i] / (length < 1e-12 ? 1e-12 : length));
        }
        return result;
    }

    /// <summary>Equal to a millionth of the larger value; NaN equals NaN.</summary>
    public static void AssertClose(float[] expected, float[] actual, double relative = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = expected[i].Equals(actual[i])
                || Math.Abs((double)expected[i] - actual[i]) <= relative * Math.Max(Math.Abs(expected[i]), Math.Abs(actual[i]));
            Assert.True(same, $"Slot {i}: expected {expected[i]:R}, got {actual[i]:R}.");
        }
    }

    private sealed class VectorRow
    {
        public VBuffer<float> Embedding { get; set; }
    }
}

using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Export.Onnx;

/// <summary>Rows of every magnitude, and what the managed transformers make of them.</summary>
internal static class OnnxRows
{
    /// <summary>Random rows, at usual and at extreme magnitudes, and rows of zeros.</summary>
    public static float[][] OfEveryMagnitude(int count, int width)
    {
        float[] scales = [1, 1, 0, 1e-15f, 1e-30f, 1e30f, 1e-3f, 1e15f, 3e-13f, 1e-42f];
        float[][] rows = SampleVectors.Random(count, width, seed: 11);
        return [.. rows.Select((row, i) => Array.ConvertAll(row, v => v * scales[i % scales.Length]))];
    }

    /// <summary>ApplyEmbeddingHead, then TruncateEmbedding.</summary>
    public static float[][] Managed(
        EmbeddingHead head, int dimensions, float[][] rows, EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
    {
        var ml = new MLContext(1);
        IDataView view = SampleVectors.View(ml, rows);
        var pipeline = ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", head)
            .Append(ml.Transforms.TruncateEmbedding("Short", "Mrl", dimensions, normalization));
        return SampleVectors.Read(pipeline.Fit(view).Transform(view), "Short");
    }

    /// <summary>Each value is equal to 1e-5 of its row's largest; zeros are zeros.</summary>
    public static void AssertSame(float[][] expected, float[][] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Length, actual[i].Length);
            double largest = expected[i].Max(v => Math.Abs((double)v));
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.True(
                    Math.Abs((double)expected[i][j] - actual[i][j]) <= tolerance * largest,
                    $"Row {i}, value {j}: expected {expected[i][j]:R}, got {actual[i][j]:R}.");
            }
        }
    }
}

using System.Buffers;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Classifies at one dimension after another until the confidence is high enough. The rows that are still unsure move to the next dimension
/// together, in tiles of eight.
/// </summary>
/// <param name="classifiers">The classifiers of M dimensions.</param>
/// <param name="labels">The names of the classes.</param>
/// <param name="thresholds">The confidence that is enough at each dimension but the largest.</param>
internal sealed unsafe class AdaptiveStages(NestedClassifiers classifiers, string[] labels, float[] thresholds)
{
    /// <summary>
    /// The maximum number of rows that go from dimension to dimension together: few enough to stay in cache, many enough to fill the tiles
    /// of the later dimensions.
    /// </summary>
    public const int MaxRows = 256;

    private const int Together = NestedClassifiers.RowsAtOnce;

    /// <summary>Classifies a vector of finite values.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="scores">
    /// Room for a row's scores, of which the first C become those at the dimension used: cosines or probabilities.
    /// </param>
    public (int Stage, int Class, float Confidence) Classify(ReadOnlySpan<float> vector, float[] scores)
    {
        float** row = stackalloc float*[Together];
        fixed (float* values = vector, target = scores)
        {
            for (int stage = NextStage(0); ; stage = NextStage(stage + 1))
            {
                row[0] = values;
                classifiers.Score(stage, row, 1, target);
                (int winner, float confidence) = classifiers.Decide(target);
                if (stage == thresholds.Length || confidence >= thresholds[stage])
                {
                    classifiers.MakeProbabilities(scores, winner, confidence);
                    return (stage, winner, confidence);
                }
            }
        }
    }

    /// <summary>Classifies up to <see cref="MaxRows"/> rows of finite values.</summary>
    /// <param name="rows">The rows, <c>[N, D]</c>.</param>
    /// <param name="predictions">Room for N.</param>
    public void Classify(EmbeddingMatrix rows, Span<AdaptivePrediction> predictions)
    {
        int stride = classifiers.ScoreStride, left = rows.Count;
        float[] room = ArrayPool<float>.Shared.Rent((Together * stride) + PanelScores.Lanes);
        Span<int> unsure = stackalloc int[MaxRows];
        for (int i = 0; i < left; i++)
        {
            unsure[i] = i;
        }
        float** tile = stackalloc float*[Together];
        fixed (float* values = rows.Values.Span, unaligned = room)
        {
            float* scores = (float*)(((nint)unaligned + 63) & ~63);
            for (int stage = NextStage(0); left > 0; stage = NextStage(stage + 1))
            {
                int kept = 0;
                for (int first = 0; first < left; first += Together)
                {
                    int count = Math.Min(Together, left - first);
                    for (int i = 0; i < count; i++)
                    {
                        tile[i] = values + ((nint)unsure[first + i] * rows.Width);
                    }
                    classifiers.Score(stage, tile, count, scores);
                    for (int i = 0; i < count; i++)
                    {
                        int row = unsure[first + i];
                        (int winner, float confidence) = classifiers.Decide(scores + (i * stride));
                        if (stage == thresholds.Length || confidence >= thresholds[stage])
                        {
                            predictions[row] = new AdaptivePrediction(labels[winner], classifiers.Dimensions[stage], confidence);
                        }
                        else
                        {
                            unsure[kept++] = row;
                        }
                    }
                }
                left = kept;
            }
        }
        ArrayPool<float>.Shared.Return(room);
    }

    // Where no confidence is enough, there is nothing to look at.
    private int NextStage(int stage)
    {
        while (stage < thresholds.Length && float.IsPositiveInfinity(thresholds[stage]))
        {
            stage++;
        }
        return stage;
    }
}

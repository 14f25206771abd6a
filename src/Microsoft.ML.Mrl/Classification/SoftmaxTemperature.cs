using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Finds the temperature T that scores are divided by, so that their softmax probabilities are calibrated (temperature scaling, Guo et al.
/// 2017, arXiv:1706.04599): that with the least cross entropy on rows which the scores do not know.
/// </summary>
/// <remarks>
/// A row's own class counts 1 − 1 / (N + 2), and the rest is spread over all classes, as Platt 1999 does for two: N rows that are all right
/// would ask for endless confidence otherwise. The cross entropy is convex in 1 / T, and its slope is followed to zero between 1e-3 and
/// 1e3.
/// </remarks>
internal static class SoftmaxTemperature
{
    private const double MinTemperature = 1e-3;
    private const double MaxTemperature = 1e3;
    private const int Halvings = 50;

    /// <param name="scores">The scores, <c>[N, stride]</c>.</param>
    /// <param name="stride">The distance between the scores of two rows.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="labels">The classes of the N rows.</param>
    public static double Calibrate(float[] scores, int stride, int classes, int[] labels)
    {
        var values = Array.ConvertAll(scores, score => (double)score);
        double smoothing = 1.0 / (labels.Length + 2);
        double low = Math.Log(1 / MaxTemperature), high = Math.Log(1 / MinTemperature);
        if (Slope(low) >= 0)
        {
            return MaxTemperature;
        }
        if (Slope(high) <= 0)
        {
            return MinTemperature;
        }
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Slope(middle) < 0 ? (middle, high) : (low, middle);
        }
        return Math.Exp(-(low + high) / 2);

        // Of the cross entropy against 1 / T, whose logarithm is given: Σ over rows of Σ p s − Σ target s.
        double Slope(double logarithm)
        {
            double inverse = Math.Exp(logarithm), slope = 0;
            var probabilities = new double[classes];
            for (int row = 0; row < labels.Length; row++)
            {
                ReadOnlySpan<double> own = values.AsSpan(row * stride, classes);
                TensorPrimitives.Subtract(own, TensorPrimitives.Max(own), probabilities);
                TensorPrimitives.Multiply(probabilities, inverse, probabilities);
                TensorPrimitives.Exp<double>(probabilities, probabilities);
                double expected = TensorPrimitives.Dot<double>(probabilities, own) / TensorPrimitives.Sum<double>(probabilities);
                slope += expected - ((1 - smoothing) * own[labels[row]]) - (smoothing * TensorPrimitives.Sum(own) / classes);
            }
            return slope;
        }
    }
}

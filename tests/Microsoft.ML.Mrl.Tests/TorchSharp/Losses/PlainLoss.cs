using System.Numerics;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>The losses by plain loops in double precision, from their formulas.</summary>
internal static class PlainLoss
{
    /// <summary>The cosine of the first m values of two rows; 0 where one is zero.</summary>
    public static double Cosine(double[] left, int i, double[] right, int j, int width, int m)
    {
        double dot = 0, leftSquare = 0, rightSquare = 0;
        for (int k = 0; k < m; k++)
        {
            double a = left[i * width + k], b = right[j * width + k];
            dot += a * b;
            leftSquare += a * a;
            rightSquare += b * b;
        }
        return dot / (Math.Max(Math.Sqrt(leftSquare), 1e-12) * Math.Max(Math.Sqrt(rightSquare), 1e-12));
    }

    /// <summary>−1/B Σ_i log softmax of s·cos(a_i, ·) at i, over all documents that are not excluded.</summary>
    public static double InfoNce(
        double[] anchors, double[] documents, int width, int m, double scale, Func<int, int, bool>? isExcluded = null)
    {
        int rows = anchors.Length / width;
        double total = 0;
        for (int i = 0; i < rows; i++)
        {
            double sum = 0;
            for (int j = 0; j < documents.Length / width; j++)
            {
                sum += isExcluded?.Invoke(i, j) == true ? 0 : Math.Exp(scale * Cosine(anchors, i, documents, j, width, m));
            }
            total += Math.Log(sum) - scale * Cosine(anchors, i, documents, i, width, m);
        }
        return total / rows;
    }

    /// <summary>log(1 + Σ_{y_i &lt; y_j} exp(s (c_i − c_j))) of cosines.</summary>
    public static double CoSent(double[] left, double[] right, float[] scores, int width, int m, double scale) =>
        Ordered([.. scores.Select((_, i) => Cosine(left, i, right, i, width, m))], scores, scale);

    /// <summary>The same of |Σ Re(z) + Σ Im(z)|, z = x / y of unit vectors as complex numbers.</summary>
    public static double AnglE(double[] left, double[] right, float[] scores, int width, int m, double scale)
    {
        return Ordered([.. scores.Select((_, i) => Angle(ComplexRow(left, i), ComplexRow(right, i)))], scores, scale);

        static double Angle(Complex[] x, Complex[] y)
        {
            Complex sum = x.Zip(y, (a, b) => a * Complex.Conjugate(b)).Aggregate(Complex.Zero, (a, b) => a + b);
            return Math.Abs(sum.Real + sum.Imaginary);
        }

        Complex[] ComplexRow(double[] rows, int i)
        {
            double[] prefix = [.. rows.Skip(i * width).Take(m)];
            double length = Math.Max(Math.Sqrt(prefix.Sum(v => v * v)), 1e-12);
            int half = (m + 1) / 2;
            return [.. Enumerable.Range(0, half)
                .Select(k => new Complex(prefix[k] / length, half + k < m ? prefix[half + k] / length : 0))];
        }
    }

    /// <summary>mean (y − c)².</summary>
    public static double CosineMse(double[] left, double[] right, double[] scores, int width, int m) =>
        scores.Select((y, i) => Math.Pow(y - Cosine(left, i, right, i, width, m), 2)).Average();

    /// <summary>mean max(0, (1 − cos(a, p)) − (1 − cos(a, n)) + margin) over all negatives.</summary>
    public static double Triplet(double[] anchors, double[] positives, double[] negatives, int width, int m, double margin)
    {
        int rows = anchors.Length / width;
        return Enumerable.Range(0, negatives.Length / width)
            .Average(
                j => Math.Max(
                    0, 1 - Cosine(
                        anchors, j % rows, positives, j % rows, width, m) - (1 - Cosine(anchors, j % rows, negatives, j, width, m))
                        + margin));
    }

    /// <summary>The mean over rows with partners of −1/|P_i| Σ_p log softmax over the other rows.</summary>
    public static double SameLabel(double[] rows, long[] labels, int width, int m, double scale)
    {
        double total = 0;
        int counted = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            int[] others = [.. Enumerable.Range(0, labels.Length).Where(j => j != i)];
            int[] partners = [.. others.Where(j => labels[j] == labels[i])];
            if (partners.Length > 0)
            {
                double sum = others.Sum(j => Math.Exp(scale * Cosine(rows, i, rows, j, width, m)));
                total -= partners.Average(j => scale * Cosine(rows, i, rows, j, width, m) - Math.Log(sum));
                counted++;
            }
        }
        return counted == 0 ? 0 : total / counted;
    }

    /// <summary>log(1 + KL / 0.001) with the originals as the teacher.</summary>
    public static double Unsupervised(double[] originals, int originalWidth, double[] rows, int width, int m) =>
        Math.Log(1 + 1000 * Distillation(originals, originalWidth, rows, width, m, 20));

    /// <summary>mean_i Σ_{j ≠ i} p_ij (log p_ij − log q_ij).</summary>
    public static double Distillation(double[] teachers, int teacherWidth, double[] rows, int width, int m, double scale)
    {
        int count = rows.Length / width;
        double total = 0;
        for (int i = 0; i < count; i++)
        {
            int[] others = [.. Enumerable.Range(0, count).Where(j => j != i)];
            double[] teacher = [.. others.Select(j => scale * Cosine(teachers, i, teachers, j, teacherWidth, teacherWidth))];
            double[] student = [.. others.Select(j => scale * Cosine(rows, i, rows, j, width, m))];
            double teacherSum = Math.Log(teacher.Sum(Math.Exp)), studentSum = Math.Log(student.Sum(Math.Exp));
            total += teacher.Zip(student, (t, s) => Math.Exp(t - teacherSum) * (t - teacherSum - (s - studentSum))).Sum();
        }
        return total / count;
    }

    private static double Ordered(double[] similarities, float[] scores, double scale)
    {
        double sum = 1;
        for (int i = 0; i < scores.Length; i++)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                if (scores[i] < scores[j])
                {
                    sum += Math.Exp(scale * (similarities[i] - similarities[j]));
                }
            }
        }
        return Math.Log(sum);
    }

    /// <summary>1/B Σ_i −log softmax(W[:, :m] z_i[:m] + b) at y_i, a share of it at the mean of all classes; a row of W has
    /// <paramref name="weightWidth"/> values.</summary>
    public static double Softmax(
        double[] rows, long[] labels, double[] weights, int weightWidth, double[] bias, int width, int m, double smoothing = 0)
    {
        double total = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double sum = 0, own = 0, mean = 0;
            for (int c = 0; c < bias.Length; c++)
            {
                double logit = bias[c];
                for (int k = 0; k < m; k++)
                {
                    logit += weights[c * weightWidth + k] * rows[i * width + k];
                }
                sum += Math.Exp(logit);
                own = c == labels[i] ? logit : own;
                mean += logit / bias.Length;
            }
            total += Math.Log(sum) - (1 - smoothing) * own - smoothing * mean;
        }
        return total / labels.Length;
    }

    /// <summary>1/B Σ_i −log softmax over classes of s·cos(z_i[:m], w_c[:m]) at y_i.</summary>
    public static double CosineSoftmax(double[] rows, int width, long[] labels, double[] weights, int weightWidth, int m, double scale)
    {
        int classes = weights.Length / weightWidth;
        double total = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double[] row = rows[(i * width)..(i * width + m)];
            double[] logits = [
                .. Enumerable.Range(0, classes)
                .Select(c => scale * Cosine(row, 0, weights[(c * weightWidth)..(c * weightWidth + m)], 0, m, m))];
            total += Math.Log(logits.Sum(Math.Exp)) - logits[labels[i]];
        }
        return total / labels.Length;
    }
}

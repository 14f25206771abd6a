namespace Microsoft.ML.Mrl.Tests.Losses;

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

    /// <summary>−1/B Σ_i log softmax of s·cos(a_i, ·) at i, over all documents.</summary>
    public static double InfoNce(double[] anchors, double[] documents, int width, int m, double scale)
    {
        int rows = anchors.Length / width;
        double total = 0;
        for (int i = 0; i < rows; i++)
        {
            double sum = 0;
            for (int j = 0; j < documents.Length / width; j++)
            {
                sum += Math.Exp(scale * Cosine(anchors, i, documents, j, width, m));
            }
            total += Math.Log(sum) - scale * Cosine(anchors, i, documents, i, width, m);
        }
        return total / rows;
    }

    /// <summary>log(1 + Σ_{y_i &lt; y_j} exp(s (c_i − c_j))).</summary>
    public static double CoSent(double[] left, double[] right, float[] scores, int width, int m, double scale)
    {
        double sum = 1;
        for (int i = 0; i < scores.Length; i++)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                if (scores[i] < scores[j])
                {
                    sum += Math.Exp(scale * (Cosine(left, i, right, i, width, m) - Cosine(left, j, right, j, width, m)));
                }
            }
        }
        return Math.Log(sum);
    }

    /// <summary>1/B Σ_i −log softmax(W[:, :m] z_i[:m] + b) at y_i; a row of W has <paramref name="weightWidth"/> values.</summary>
    public static double Softmax(double[] rows, long[] labels, double[] weights, int weightWidth, double[] bias, int width, int m)
    {
        double total = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double sum = 0, own = 0;
            for (int c = 0; c < bias.Length; c++)
            {
                double logit = bias[c];
                for (int k = 0; k < m; k++)
                {
                    logit += weights[c * weightWidth + k] * rows[i * width + k];
                }
                sum += Math.Exp(logit);
                own = c == labels[i] ? logit : own;
            }
            total += Math.Log(sum) - own;
        }
        return total / labels.Length;
    }
}

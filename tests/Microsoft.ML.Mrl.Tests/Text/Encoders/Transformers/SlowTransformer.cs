using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>An encoder in plain loops and double precision, one text at a time and without padding: what the fast ways must agree
/// with.</summary>
internal sealed class SlowTransformer(TransformerModel model)
{
    private readonly TransformerConfig _config = model.Config;

    /// <summary>The embedding of one text.</summary>
    public double[] Embed(int[] ids)
    {
        double[][] tokens = Tokens(ids);
        double[] x = Pool(tokens);
        foreach (SentenceStep step in model.Modules.Steps)
        {
            if (step is DenseStep dense)
            {
                x = [.. Multiply(x, dense.Weight, dense.Bias).Select(v => Activate(v, dense.Activation))];
            }
            else
            {
                double length = Math.Max(Math.Sqrt(x.Sum(v => v * v)), 1e-12);
                x = [.. x.Select(v => v / length)];
            }
        }
        return x;
    }

    /// <summary>The vectors of the last layer.</summary>
    public double[][] Tokens(int[] ids)
    {
        var x = new double[ids.Length][];
        for (int t = 0; t < ids.Length; t++)
        {
            double[] word = Row(TransformerNames.Words, ids[t]);
            double[] position = Row(TransformerNames.Positions, _config.CountsRealTokens ? _config.PadId + 1 + t : t);
            double[] type = _config.TokenTypes > 0 ? Row(TransformerNames.TokenTypes, 0) : new double[_config.Hidden];
            x[t] = Norm([.. word.Select((v, i) => v + position[i] + type[i])], TransformerNames.EmbeddingNorm);
        }
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            TransformerLayerNames names = TransformerNames.Layer(_config.Family, layer);
            double[][] attended = Attend(x, names);
            for (int t = 0; t < x.Length; t++)
            {
                double[] a = Norm(Sum(Linear(attended[t], names.AttentionOutput), x[t]), names.AttentionNorm);
                double[] inner = [.. Linear(a, names.Inner).Select(v => Activate(v, _config.Activation))];
                x[t] = Norm(Sum(Linear(inner, names.Outer), a), names.OutputNorm);
            }
        }
        return x;
    }

    private double[][] Attend(double[][] x, TransformerLayerNames names)
    {
        double[][] query = [.. x.Select(v => Linear(v, names.Query))];
        double[][] key = [.. x.Select(v => Linear(v, names.Key))];
        double[][] value = [.. x.Select(v => Linear(v, names.Value))];
        var result = new double[x.Length][];
        int width = _config.Hidden / _config.Heads;
        for (int i = 0; i < x.Length; i++)
        {
            result[i] = new double[_config.Hidden];
            for (int head = 0; head < _config.Heads; head++)
            {
                var weights = new double[x.Length];
                for (int j = 0; j < x.Length; j++)
                {
                    for (int d = head * width; d < (head + 1) * width; d++)
                    {
                        weights[j] += query[i][d] * key[j][d] / Math.Sqrt(width);
                    }
                    weights[j] += _config.RelativeBuckets > 0
                        ? Row(TransformerNames.RelativeBias, SlowBucket(j - i, _config.RelativeBuckets))[head] : 0;
                }
                double largest = weights.Max();
                double sum = weights.Sum(w => Math.Exp(w - largest));
                for (int j = 0; j < x.Length; j++)
                {
                    for (int d = head * width; d < (head + 1) * width; d++)
                    {
                        result[i][d] += Math.Exp(weights[j] - largest) / sum * value[j][d];
                    }
                }
            }
        }
        return result;
    }

    /// <summary>Buckets by their edges instead of by a logarithm: b is the first far bucket whose next edge lies beyond the
    /// distance.</summary>
    public static int SlowBucket(int distance, int buckets)
    {
        int half = buckets / 2, exact = half / 2, size = Math.Abs(distance), bucket = size;
        if (size >= exact)
        {
            bucket = exact;
            // Edge k of K − E far buckets is at E (128 / E)^(k / (K − E)).
            while (bucket < half - 1 && size >= exact * Math.Pow(128.0 / exact, (bucket + 1 - exact) / (double)(half - exact)) - 1e-9)
            {
                bucket++;
            }
        }
        return bucket + (distance > 0 ? half : 0);
    }

    private double[] Pool(double[][] tokens)
    {
        IEnumerable<int> columns = Enumerable.Range(0, _config.Hidden);
        return [.. model.Modules.Pooling.SelectMany(mode => mode switch
        {
            PoolingMode.FirstToken => tokens[0],
            PoolingMode.Max => columns.Select(d => tokens.Max(t => t[d])),
            PoolingMode.Mean => columns.Select(d => tokens.Average(t => t[d])),
            _ => columns.Select(d => tokens.Sum(t => t[d]) / Math.Sqrt(tokens.Length)),
        })];
    }

    private double[] Norm(double[] x, string name)
    {
        double mean = x.Average();
        double variance = x.Average(v => (v - mean) * (v - mean));
        float[] weight = model.Weights[name + ".weight"].Singles();
        float[] bias = model.Weights[name + ".bias"].Singles();
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + _config.LayerNormEpsilon) * weight[i] + bias[i])];
    }

    private double[] Linear(double[] x, string name) => Multiply(x, model.Weights[name + ".weight"], model.Weights[name + ".bias"]);

    private static double[] Multiply(double[] x, StoredTensor weight, StoredTensor? bias)
    {
        float[] w = weight.Singles();
        float[]? b = bias?.Singles();
        var y = new double[weight.Shape[0]];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = b?[i] ?? 0;
            for (int j = 0; j < x.Length; j++)
            {
                y[i] += (double)w[i * x.Length + j] * x[j];
            }
        }
        return y;
    }

    private double[] Row(string name, int row)
    {
        StoredTensor table = model.Weights[name];
        int width = (int)table.Shape[1];
        return [.. table.Singles().AsSpan(row * width, width).ToArray().Select(v => (double)v)];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Select((v, i) => v + b[i])];

    private static double Activate(double x, TransformerActivation activation) => activation switch
    {
        TransformerActivation.Identity => x,
        TransformerActivation.Gelu => x * NormalDistribution(x),
        TransformerActivation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        TransformerActivation.Relu => Math.Max(x, 0),
        TransformerActivation.Silu => x / (1 + Math.Exp(-x)),
        TransformerActivation.Tanh => Math.Tanh(x),
        _ => 1 / (1 + Math.Exp(-x)),
    };

    /// <summary>Φ(x) = 1/2 + φ(x) Σ x^(2k+1) / (1·3·5 … (2k+1)).</summary>
    private static double NormalDistribution(double x)
    {
        if (Math.Abs(x) > 12)
        {
            return x > 0 ? 1 : 0;
        }
        double term = x, sum = x;
        for (int k = 1; k < 400; k++)
        {
            term *= x * x / (2 * k + 1);
            sum += term;
        }
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }
}

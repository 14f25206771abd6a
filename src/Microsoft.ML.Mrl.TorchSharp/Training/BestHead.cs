using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>The best head so far, by the mean of its validation scores over all dimensions; without scores the latest.</summary>
internal sealed class BestHead : IDisposable
{
    private readonly Tensor _map;
    private readonly Tensor _bias;

    public BestHead(LinearHeadModule head)
    {
        using IDisposable gradients = no_grad();
        _map = head.Map.DetachFromDisposeScope();
        _bias = head.Bias.clone().DetachFromDisposeScope();
    }

    public Tensor Map => _map;

    public Tensor Bias => _bias;

    /// <summary>The epoch it is from; 0 is the start.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its validation scores, one a dimension; empty without validation.</summary>
    public double[] Scores { get; private set; } = [];

    public double MeanScore => MeanOf(Scores);

    /// <summary>The mean over all dimensions; NaN of nothing.</summary>
    public static double MeanOf(double[] scores) => scores.Length == 0 ? double.NaN : scores.Average();

    /// <summary>Keeps a head if it is better.</summary>
    public void Offer(LinearHeadModule head, int epoch, double[] scores)
    {
        double mean = MeanOf(scores);
        if (Scores.Length > 0 && !double.IsNaN(MeanScore) && !(mean > MeanScore))
        {
            return;
        }
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor map = head.Map;
        if (map.isfinite().all().item<bool>())
        {
            _map.copy_(map);
            _bias.copy_(head.Bias);
            Epoch = epoch;
            Scores = scores;
        }
    }

    public void Dispose()
    {
        _map.Dispose();
        _bias.Dispose();
    }
}

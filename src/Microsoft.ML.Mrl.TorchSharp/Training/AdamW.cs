using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// AdamW (<see cref="AdamWMoments"/>) with gradients cut to a length, in one pass over the numbers.
/// </summary>
/// <remarks>
/// Ours and not the binding's, whose many small scalar operands make it slow and, rarely, unsafe: see <see cref="TensorMath"/>.
/// </remarks>
internal sealed class AdamW : IOptimizerState
{
    private const int NumbersAtOnce = 1 << 15;

    private const double MaxGradientNorm = 1.0;

    private readonly Parameter[] _parameters;
    private readonly double[] _weightDecay;
    private readonly double _maxGradientNorm;
    private readonly IReadOnlyList<double> _rates;
    private readonly int[] _steps = new int[1];

    /// <param name="parameters">What is learned.</param>
    /// <param name="weightDecay">The weight decay.</param>
    /// <param name="maxGradientNorm">Longer gradients, of all parameters together, are scaled down to this.</param>
    /// <param name="decays">Which parameters decay; <see langword="null"/> for all.</param>
    /// <param name="rates">What the learning rate is multiplied by for each parameter; <see langword="null"/> for 1.</param>
    public AdamW(
        Parameter[] parameters, double weightDecay, double maxGradientNorm = MaxGradientNorm, IReadOnlyList<bool>? decays = null,
        IReadOnlyList<double>? rates = null)
    {
        _rates = rates ?? [.. parameters.Select(_ => 1.0)];
        _parameters = parameters;
        _weightDecay = [.. parameters.Select((_, i) => decays is null || decays[i] ? weightDecay : 0)];
        _maxGradientNorm = maxGradientNorm;
        Means = [.. parameters.Select(p => new float[p.NumberOfElements])];
        Squares = [.. parameters.Select(p => new float[p.NumberOfElements])];
    }

    /// <summary>Steps taken.</summary>
    public int Steps => _steps[0];

    /// <summary>The running means of the gradients, part by part.</summary>
    public float[][] Means { get; }

    /// <summary>The running means of the squared gradients, part by part.</summary>
    public float[][] Squares { get; }

    /// <summary>Takes one step and drops the gradients, so that the next ones are taken as they come and not added to zeros.</summary>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <returns>False where the gradient was not finite; then nothing was changed.</returns>
    public bool Step(double learningRate)
    {
        Tensor?[] gradients = [.. _parameters.Select(p => p.grad)];
        double length = Math.Sqrt(gradients.Sum(g => g is null ? 0 : SumOfSquares(g)));
        bool finite = double.IsFinite(length);
        if (finite)
        {
            _steps[0]++;
            float scale = (float)(length > _maxGradientNorm ? _maxGradientNorm / length : 1);
            for (int i = 0; i < _parameters.Length; i++)
            {
                if (gradients[i] is { } gradient)
                {
                    Update(i, gradient, scale, learningRate * _rates[i]);
                }
            }
        }
        Drop(gradients);
        return finite;
    }

    /// <summary>Drops the gradients of a step that is not taken.</summary>
    public void Drop() => Drop([.. _parameters.Select(p => p.grad)]);

    IReadOnlyList<float[]> IOptimizerState.Moments => [.. Means, .. Squares];

    int[] IOptimizerState.StepCounts => _steps;

    private void Drop(Tensor?[] gradients)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            _parameters[i].grad = null;
            gradients[i]?.Dispose();
        }
    }

    private void Update(int parameter, Tensor gradient, float scale, double learningRate) =>
        FixedChunks.ForEach(Means[parameter].Length, NumbersAtOnce, (_, from, to) => Update(
            _parameters[parameter].Values()[from..to], gradient.Values()[from..to], Means[parameter].AsSpan(from..to),
            Squares[parameter].AsSpan(from..to),
            scale, learningRate, _weightDecay[parameter]));

    private void Update(
        Span<float> values, ReadOnlySpan<float> gradient, Span<float> means, Span<float> squares, float scale, double learningRate,
        double weightDecay)
    {
        (float rate, float correction) = AdamWMoments.At(learningRate, Steps);
        float keep = (float)(1 - learningRate * weightDecay);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> change = AdamWMoments.Change(new Vector<float>(gradient[i..]) * scale, means[i..], squares[i..], rate,
                correction);
            (new Vector<float>(values[i..]) * keep - change).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            values[i] = values[i] * keep - AdamWMoments.Change(gradient[i] * scale, ref means[i], ref squares[i], rate, correction);
        }
    }

    private static double SumOfSquares(Tensor gradient)
    {
        // Blocks in single precision, their sum in double: quick, and no overflow for any gradient that can be used.
        const int Block = 4096;
        int count = (int)gradient.NumberOfElements;
        var sums = new double[FixedChunks.Count(count, NumbersAtOnce)];
        FixedChunks.ForEach(count, NumbersAtOnce, (chunk, from, to) =>
        {
            ReadOnlySpan<float> values = gradient.Values()[from..to];
            for (int i = 0; i < values.Length; i += Block)
            {
                sums[chunk] += TensorPrimitives.SumOfSquares(values.Slice(i, Math.Min(Block, values.Length - i)));
            }
        });
        return sums.Sum();
    }
}

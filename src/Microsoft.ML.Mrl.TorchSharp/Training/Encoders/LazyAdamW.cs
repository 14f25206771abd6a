using System.Numerics;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// AdamW (<see cref="AdamWMoments"/>) on the rows of a table that have a gradient. Moments, and the steps that correct their bias, are
/// those of each row: a rare row moves as far when it occurs as a frequent one, and does not move when it does not. Decay pulls towards the
/// start.
/// </summary>
internal sealed class LazyAdamW : IOptimizerState
{
    private readonly float[] _table;
    private readonly float[] _start;
    private readonly int _width;
    private readonly double _weightDecay;
    private readonly float[] _means;
    private readonly float[] _squares;
    private readonly int[] _steps;

    /// <param name="table">The rows that learn, <c>[T, D]</c>, changed in place.</param>
    /// <param name="width">D.</param>
    /// <param name="weightDecay">The pull, per unit of learning rate.</param>
    public LazyAdamW(float[] table, int width, double weightDecay)
    {
        _table = table;
        _start = [.. table];
        _width = width;
        _weightDecay = weightDecay;
        _means = new float[table.Length];
        _squares = new float[table.Length];
        _steps = new int[table.Length / width];
    }

    IReadOnlyList<float[]> IOptimizerState.Moments => [_means, _squares];

    int[] IOptimizerState.StepCounts => _steps;

    /// <summary>Takes one step.</summary>
    public void Step(RowGradients gradients, double learningRate)
    {
        float pull = (float)(learningRate * _weightDecay);
        for (int place = 0; place < gradients.Rows.Count; place++)
        {
            int row = gradients.Rows[place];
            (float rate, float correction) = AdamWMoments.At(learningRate, ++_steps[row]);
            Update(row * _width, gradients.At(place), rate, correction, pull);
        }
    }

    private void Update(int offset, ReadOnlySpan<float> gradient, float rate, float correction, float pull)
    {
        Span<float> values = _table.AsSpan(offset, _width);
        ReadOnlySpan<float> start = _start.AsSpan(offset, _width);
        Span<float> means = _means.AsSpan(offset, _width);
        Span<float> squares = _squares.AsSpan(offset, _width);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> change = AdamWMoments.Change(new Vector<float>(gradient[i..]), means[i..], squares[i..], rate, correction);
            Vector<float> value = new(values[i..]);
            (value - ((value - new Vector<float>(start[i..])) * pull + change)).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            values[i] -= pull * (values[i] - start[i]) + AdamWMoments.Change(gradient[i], ref means[i], ref squares[i], rate, correction);
        }
    }
}

namespace Microsoft.ML.Mrl;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with β = (0.9, 0.999) and ε = 1e-8 on the rows of a table that have a gradient. Moments, and the steps that correct
/// their bias, are those of each row: a rare row moves as far when it occurs as a frequent one, and does not move when it does not. Decay pulls towards the start.
/// </summary>
internal sealed class LazyAdamW : IOptimizerState
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

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
            int step = ++_steps[row];
            float rate = (float)(learningRate / (1 - Math.Pow(Beta1, step)));
            float correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step)));
            Update(row * _width, gradients.At(place), rate, correction, pull);
        }
    }

    private void Update(int offset, ReadOnlySpan<float> gradient, float rate, float correction, float pull)
    {
        Span<float> values = _table.AsSpan(offset, _width);
        ReadOnlySpan<float> start = _start.AsSpan(offset, _width);
        Span<float> means = _means.AsSpan(offset, _width);
        Span<float> squares = _squares.AsSpan(offset, _width);
        for (int i = 0; i < values.Length; i++)
        {
            float g = gradient[i];
            means[i] = (float)Beta1 * means[i] + (float)(1 - Beta1) * g;
            squares[i] = (float)Beta2 * squares[i] + (float)(1 - Beta2) * g * g;
            values[i] -= pull * (values[i] - start[i]) + means[i] * rate / (MathF.Sqrt(squares[i]) * correction + Epsilon);
        }
    }
}

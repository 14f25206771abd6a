namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>A linear rise over the first steps and then half a cosine down to 0.</summary>
internal sealed class LearningRateSchedule(double highest, int steps, double warmUpFraction)
{
    private readonly int _warmUp = (int)(steps * warmUpFraction);

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < _warmUp)
        {
            return highest * (step + 1) / _warmUp;
        }
        double done = (double)(step - _warmUp) / Math.Max(1, steps - _warmUp);
        return highest * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, done)));
    }
}

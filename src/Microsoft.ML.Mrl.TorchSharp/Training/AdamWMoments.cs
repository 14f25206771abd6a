using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// What AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) makes of a gradient g, with β = (0.9, 0.999) and ε = 1e-8: m ← β₁ m + (1 − β₁)
/// g, s ← β₂ s + (1 − β₂) g², and the change m · rate / (√s · correction + ε), in which rate and correction take the bias out of both. What
/// pulls on the values besides is the caller's.
/// </summary>
internal static class AdamWMoments
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    /// <summary>The rate and the correction of a step.</summary>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="step">Its number, from 1.</param>
    public static (float Rate, float Correction) At(double learningRate, int step) =>
        ((float)(learningRate / (1 - Math.Pow(Beta1, step))), (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step))));

    /// <summary>Brings both moments forward and gives the change, for as many numbers as a vector has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Change(Vector<float> gradient, Span<float> means, Span<float> squares, float rate, float correction)
    {
        Vector<float> mean = new Vector<float>((float)Beta1) * new Vector<float>(means) + new Vector<float>((float)(1 - Beta1)) * gradient;
        Vector<float> square = new Vector<float>((float)Beta2) * new Vector<float>(squares)
            + new Vector<float>((float)(1 - Beta2)) * gradient * gradient;
        mean.CopyTo(means);
        square.CopyTo(squares);
        return mean * rate / (Vector.SquareRoot(square) * correction + new Vector<float>(Epsilon));
    }

    /// <summary>The same for one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Change(float gradient, ref float mean, ref float square, float rate, float correction)
    {
        mean = (float)Beta1 * mean + (float)(1 - Beta1) * gradient;
        square = (float)Beta2 * square + (float)(1 - Beta2) * gradient * gradient;
        return mean * rate / (MathF.Sqrt(square) * correction + Epsilon);
    }
}

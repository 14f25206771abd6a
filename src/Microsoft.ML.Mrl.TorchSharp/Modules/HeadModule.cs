using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>
/// Represents a head during training, on principal coordinates <c>[N, R]</c>; its first state is the starting point that training must
/// beat.
/// </summary>
internal abstract class HeadModule(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Gets the weights that are trained, in a fixed order.</summary>
    public Parameter[] Weights => [.. named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).Select(p => p.parameter)];

    /// <summary>Turns the current state into a head on the inputs themselves.</summary>
    public abstract EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary);

    /// <summary>Gets a value indicating whether trained values can be followed by values of the starting point.</summary>
    public virtual bool CanPutStartBehind => false;

    /// <summary>
    /// Returns weights whose output is the first values of other weights' output, times a scale, followed by the first values of the
    /// starting point.
    /// </summary>
    /// <param name="weights">The others, in the order of <see cref="Weights"/>.</param>
    /// <param name="columns">How many values are theirs.</param>
    /// <param name="scale">What those are multiplied by.</param>
    public virtual float[][] WithStartBehind(float[][] weights, int columns, float scale) =>
        throw new NotSupportedException("A rotation cannot repeat the values of its start.");

    /// <summary>Puts the start behind the first columns of a matrix that is kept as its difference from the start.</summary>
    /// <param name="change">The difference <c>[N, D_out]</c>.</param>
    /// <param name="start">The start <c>[N, D_out]</c>.</param>
    /// <param name="outputs">The width D_out.</param>
    /// <param name="columns">How many columns stay, times the scale.</param>
    /// <param name="scale">The scale.</param>
    private protected static float[] ChangeWithStartBehind(float[] change, ReadOnlySpan<float> start, int outputs, int columns, float scale)
    {
        var result = new float[change.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = i % outputs < columns ? scale * (start[i] + change[i]) - start[i] : start[i - columns] - start[i];
        }
        return result;
    }
}

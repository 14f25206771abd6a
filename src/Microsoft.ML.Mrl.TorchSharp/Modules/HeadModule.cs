using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>A head while it learns, on principal coordinates <c>[N, R]</c>; its first state is the starting point that training must beat.</summary>
internal abstract class HeadModule(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>The numbers that are learned, in a fixed order.</summary>
    public Parameter[] Numbers => [.. named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).Select(p => p.parameter)];

    /// <summary>Turns the present state into a head on the inputs themselves.</summary>
    public abstract EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary);
}

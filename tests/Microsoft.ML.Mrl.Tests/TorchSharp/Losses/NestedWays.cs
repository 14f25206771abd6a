using Microsoft.ML.Mrl.TorchSharp.Losses;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>The slower ways to a nested loss, which every faster one must agree with.</summary>
internal static class NestedWays
{
    /// <summary>One cut a dimension.</summary>
    public static Tensor ForwardByCutting(this MatryoshkaLoss nested, EmbeddingBatch batch)
    {
        batch = nested.Inner.Prepare(batch);
        return nested.Sum([.. nested.Dimensions.Select(m => nested.Inner.Forward(batch.Cut(m, nested.Inner.UnitLength)))]);
    }

    /// <summary>All dimensions in one pass, through libtorch's own differentiation.</summary>
    public static Tensor ForwardGeneral(this MatryoshkaLoss nested, EmbeddingBatch batch)
    {
        batch = nested.Inner.Prepare(batch);
        return nested.Inner.ForwardNested(batch, nested.Dimensions) is { } losses ? nested.Sum(losses)
            : nested.ForwardByCutting(batch);
    }

    private static Tensor Sum(this MatryoshkaLoss nested, IReadOnlyList<Tensor> losses) =>
        losses.Zip(nested.Weights, (loss, weight) => loss.Times(weight)).Aggregate((a, b) => a.Plus(b));
}

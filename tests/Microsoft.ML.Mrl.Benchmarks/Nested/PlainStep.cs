using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>The same head and loss as a user of TorchSharp would write them: a linear layer, each dimension cut in turn, libtorch's
/// AdamW.</summary>
internal sealed class PlainStep : TrainingStep
{
    private readonly NestedData _data;
    private readonly MatryoshkaDimensions _dimensions;
    private readonly Linear _head;
    private readonly Linear? _classifier;
    private readonly optim.Optimizer _optimizer;

    public PlainStep(NestedData data, MatryoshkaDimensions dimensions)
    {
        _data = data;
        _dimensions = dimensions;
        _head = nn.Linear(data.Width, data.Width);
        _classifier = data.Examples.Labels is null ? null : nn.Linear(data.Width, NestedData.Classes);
        _optimizer = optim.AdamW([.. _head.parameters(), .. _classifier?.parameters() ?? []], lr: 1e-3, weight_decay: 0.01);
    }

    public override float Run(int[] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor anchors = Embed(VectorRole.Anchor);
        Tensor loss = _classifier is null
            ? Pairs(anchors, Embed(VectorRole.Positive))
            : Classes(anchors, tensor(Array.ConvertAll(rows, r => (long)_data.Examples.Labels![r])));
        _optimizer.zero_grad();
        loss.backward();
        _optimizer.step();
        return loss.item<float>();

        Tensor Embed(VectorRole role) => _head.forward(_data.Space.Coordinates(role, rows));
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _head.Dispose();
        _classifier?.Dispose();
    }

    private Tensor Pairs(Tensor anchors, Tensor positives)
    {
        Tensor loss = zeros(1);
        Tensor own = arange(anchors.shape[0]);
        foreach (int m in _dimensions)
        {
            Tensor a = nn.functional.normalize(anchors.narrow(1, 0, m), dim: 1);
            Tensor p = nn.functional.normalize(positives.narrow(1, 0, m), dim: 1);
            loss += nn.functional.cross_entropy(a.mm(p.t()) * 20, own);
        }
        return loss;
    }

    private Tensor Classes(Tensor rows, Tensor labels)
    {
        Tensor loss = zeros(1);
        foreach (int m in _dimensions)
        {
            Tensor logits = rows.narrow(1, 0, m).mm(_classifier!.weight.narrow(1, 0, m).t()) + _classifier.bias!;
            loss += nn.functional.cross_entropy(logits, labels);
        }
        return loss;
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>The step as the trainer takes it, with the loss worked out in one of its ways.</summary>
internal sealed class OurStep : TrainingStep
{
    private readonly NestedData _data;
    private readonly LinearHeadModule _head;
    private readonly MatryoshkaLoss _loss;
    private readonly AdamW _optimizer;
    private readonly Func<EmbeddingBatch, Tensor> _forward;

    public OurStep(NestedData data, MatryoshkaDimensions dimensions, Func<MatryoshkaLoss, Func<EmbeddingBatch, Tensor>> way)
    {
        _data = data;
        _head = new LinearHeadModule(data.Width, data.Width);
        EmbeddingLoss inner = data.Labels is null ? new InfoNceLoss() : new SharedSoftmaxLoss(data.Width, NestedData.Classes);
        _loss = new MatryoshkaLoss(inner, dimensions);
        _optimizer = new AdamW([.. _head.parameters(), .. _loss.Parameters], 0.01);
        _forward = way(_loss);
    }

    public override float Run(long[] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor index = tensor(rows);
        Tensor loss = _forward(new EmbeddingBatch
        {
            Anchors = _head.forward(_data.Anchors.index_select(0, index)),
            Positives = _data.Positives is null ? null : _head.forward(_data.Positives.index_select(0, index)),
            Labels = _data.Labels is null ? null : tensor(Array.ConvertAll(rows, r => _data.Labels[r])),
        });
        loss.backward();
        float value = loss.item<float>();
        _optimizer.Step(1e-3);
        return value;
    }

    public override void Dispose()
    {
        _head.Dispose();
        _loss.Dispose();
    }
}

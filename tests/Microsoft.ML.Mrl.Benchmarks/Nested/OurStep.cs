using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>The step as the trainer takes it, with the loss worked out in one of its ways.</summary>
internal sealed class OurStep : TrainingStep
{
    private readonly LinearHeadModule _head;
    private readonly NestedData _data;
    private readonly BatchBuilder _builder;
    private readonly MatryoshkaLoss _loss;
    private readonly AdamW _optimizer;
    private readonly Func<EmbeddingBatch, Tensor> _forward;

    public OurStep(NestedData data, MatryoshkaDimensions dimensions, Func<MatryoshkaLoss, Func<EmbeddingBatch, Tensor>> way)
    {
        _head = new LinearHeadModule(eye(data.Width, data.Width), zeros(data.Width));
        _data = data;
        _builder = new BatchBuilder(data.Examples, new RoleColumns(), data.Space.Scale);
        EmbeddingLoss inner = data.Examples.Labels is null ? new InfoNceLoss() : new SharedSoftmaxLoss(data.Width, NestedData.Classes);
        _loss = new MatryoshkaLoss(inner, dimensions);
        _optimizer = new AdamW([.. _head.parameters(), .. _loss.Parameters], 0.01);
        _forward = way(_loss);
    }

    public override float Run(int[] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = _forward(Read(rows));
        loss.backward();
        float value = loss.item<float>();
        _optimizer.Step(1e-3);
        return value;
    }

    private EmbeddingBatch Read(ReadOnlySpan<int> rows)
    {
        Tensor embeddings = _head.forward(_data.Space.Coordinates(rows));
        IReadOnlyList<VectorRole> roles = _data.Space.Roles;
        Tensor[] parts = roles.Count == 1 ? [embeddings] : embeddings.split(rows.Length);
        return _builder.Build(rows, role => parts[roles.ToList().IndexOf(role)]);
    }

    public override void Dispose()
    {
        _head.Dispose();
        _loss.Dispose();
    }
}

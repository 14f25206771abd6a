using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Makes batches: the coordinates of the chosen rows in every role go through the head in one product.</summary>
internal sealed class BatchReader(ExampleSet examples, TrainingSpace space, LinearHeadModule head)
{
    public EmbeddingBatch Read(ReadOnlySpan<int> rows)
    {
        int[] numbers = rows.ToArray();
        Tensor embeddings = head.forward(space.Gather(numbers));
        Tensor[] parts = space.Roles.Count == 1 ? [embeddings] : embeddings.split(numbers.Length);
        return new EmbeddingBatch
        {
            Anchors = Part(VectorRole.Anchor)!,
            Positives = Part(VectorRole.Positive),
            Negatives = Part(VectorRole.Negative),
            Labels = examples.Labels is { } labels ? tensor(Array.ConvertAll(numbers, n => (long)labels[n])) : null,
            Scores = examples.Scores is { } scores ? tensor(Array.ConvertAll(numbers, n => scores[n])) : null,
        };

        Tensor? Part(VectorRole role) => space.Roles.IndexOf(role) is var i and >= 0 ? parts[i] : null;
    }
}

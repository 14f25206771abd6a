using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Makes batches for a head: the coordinates of the chosen rows in every role go through it in one product.</summary>
internal sealed class BatchReader(BatchBuilder builder, TrainingSpace space, HeadModule head)
{
    public EmbeddingBatch Read(ReadOnlySpan<int> rows)
    {
        Tensor embeddings = head.forward(space.Coordinates(rows));
        Tensor[] parts = space.Roles.Count == 1 ? [embeddings] : embeddings.split(rows.Length);
        return builder.Build(rows, role => parts[IndexOf(role)]);
    }

    private int IndexOf(VectorRole role)
    {
        for (int i = 0; i < space.Roles.Count; i++)
        {
            if (space.Roles[i] == role)
            {
                return i;
            }
        }
        throw new ArgumentOutOfRangeException(nameof(role), role, $"The head maps no {role} column.");
    }
}

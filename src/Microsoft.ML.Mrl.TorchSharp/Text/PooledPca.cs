using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>The PCA rotation of the embeddings of an untrained encoder. A mean of rows is mapped as its rows are, so the rotated rows are an encoder too.</summary>
internal static class PooledPca
{
    /// <param name="examples">The texts.</param>
    /// <param name="plan">Names the output width.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide embeddings.</param>
    /// <param name="storage">Where embeddings lie.</param>
    /// <param name="scale">The mean length of the centred embeddings.</param>
    public static LinearHead Of(ExampleSet examples, TrainingPlan plan, Random random, RowStorage storage, out double scale)
    {
        using DisposeScope scope = NewDisposeScope();
        var vectors = new Dictionary<VectorRole, VectorRows>();
        try
        {
            foreach ((VectorRole role, VectorRows texts) in examples.Vectors.Where(v => v.Key.IsEmbedded))
            {
                vectors.Add(role, Pool(texts, storage));
            }
            using TrainingSpace space = TrainingSpace.Of(new ExampleSet { Vectors = vectors }, plan.OutputDimensions, random, storage);
            scale = space.Scale;
            return (LinearHead)PcaHead.Of(plan, space, null);
        }
        finally
        {
            foreach (VectorRows rows in vectors.Values)
            {
                rows.Dispose();
            }
        }
    }

    private static DenseRows Pool(VectorRows texts, RowStorage storage)
    {
        var store = new RowStore(texts.Width, storage, RowStorage.Purpose.Vectors);
        try
        {
            for (int row = 0; row < texts.Count; row++)
            {
                texts.CopyPrefix(row, store.NextRow());
            }
            store.Complete();
            return new DenseRows(store);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}

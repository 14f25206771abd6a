using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// The PCA rotation of the embeddings of an untrained encoder. For a static one, a mean of rows is mapped as its rows are, so the rotated
/// rows are an encoder too.
/// </summary>
internal static class PooledPca
{
    private const int RowsAtOnce = 256;

    /// <param name="examples">The texts.</param>
    /// <param name="rows">Those to rotate by, ascending: the training rows.</param>
    /// <param name="plan">Names the output width.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide embeddings.</param>
    /// <param name="storage">Where embeddings lie.</param>
    /// <param name="maxRows">Of more rows so many texts of each column are taken, drawn at random.</param>
    /// <param name="progress">Is told how many texts are done; null for nobody.</param>
    /// <param name="cancellation">Ends it where embeddings have yet to be computed.</param>
    /// <returns>The rotation, and the mean length of the centred embeddings.</returns>
    public static (LinearHead Head, double Scale) Of(
        ExampleSet examples, int[] rows, TrainingPlan plan, Random random, RowStorage storage, int maxRows = int.MaxValue,
        IProgress<MrlProgress>? progress = null, CancellationToken cancellation = default)
    {
        using DisposeScope scope = NewDisposeScope();
        var vectors = new Dictionary<VectorRole, VectorRows>();
        try
        {
            KeyValuePair<VectorRole, VectorRows>[] embedded = [.. examples.Vectors.Where(v => v.Key.IsEmbedded)];
            var starting = new StartingProgress(progress, (long)embedded.Length * Math.Min(rows.Length, maxRows));
            foreach ((VectorRole role, VectorRows texts) in embedded)
            {
                vectors.Add(role, Pool(texts, Sample(rows, maxRows, random), storage, starting, cancellation));
            }
            using TrainingSpace space = TrainingSpace.Of(new ExampleSet { Vectors = vectors }, plan.OutputDimensions, random, storage);
            return ((LinearHead)StartingHeads.Pca(plan, space, null), space.Scale);
        }
        finally
        {
            foreach (VectorRows pooled in vectors.Values)
            {
                pooled.Dispose();
            }
        }
    }

    /// <summary>The embeddings of some texts by the untrained encoder.</summary>
    public static DenseRows Pool(VectorRows texts, int[] rows, RowStorage storage, StartingProgress progress,
        CancellationToken cancellation)
    {
        var store = new RowStore(texts.Width, storage, RowStorage.Purpose.Vectors);
        try
        {
            foreach (int[] part in rows.Chunk(RowsAtOnce))
            {
                cancellation.ThrowIfCancellationRequested();
                texts.Prepare(part);
                foreach (int row in part)
                {
                    texts.CopyPrefix(row, store.NextRow());
                }
                progress.Add(part.Length);
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

    private static int[] Sample(int[] rows, int most, Random random)
    {
        if (rows.Length <= most)
        {
            return rows;
        }
        int[] all = [.. rows];
        random.Shuffle(all);
        Array.Sort(all, 0, most);
        return all[..most];
    }
}

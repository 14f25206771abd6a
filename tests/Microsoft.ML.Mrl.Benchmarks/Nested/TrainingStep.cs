namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>One whole training step on a batch: gather, head, loss, backward, optimizer.</summary>
internal abstract class TrainingStep : IDisposable
{
    public abstract float Run(int[] rows);

    public abstract void Dispose();
}

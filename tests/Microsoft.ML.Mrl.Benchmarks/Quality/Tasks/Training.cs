namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A way to learn from a task's training rows with nothing but defaults.</summary>
/// <param name="Objective">What is learned; the input column is <c>Vector</c>.</param>
/// <param name="View">The rows.</param>
/// <param name="Transfer">Whether the full vectors shall stay good for other uses: the one option that is not a default.</param>
internal sealed record Training(MrlObjective Objective, IDataView View, bool Transfer = false)
{
    public override string ToString() => Transfer ? $"{Objective}, Transfer" : $"{Objective}";
}

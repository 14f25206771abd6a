namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A way to learn from a task's training rows.</summary>
/// <param name="Name">The objective's name, as in the table.</param>
/// <param name="Objective">The objective; its input column is <c>Vector</c>.</param>
/// <param name="View">The rows for a seed.</param>
internal sealed record Supervision(string Name, MrlObjective Objective, Func<int, IDataView> View);

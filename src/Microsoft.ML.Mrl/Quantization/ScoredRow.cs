namespace Microsoft.ML.Mrl;

/// <summary>A row that was found, and how like the query it is.</summary>
/// <param name="Row">The row's position, from 0.</param>
/// <param name="Score">The score, greater for more alike.</param>
public readonly record struct ScoredRow(int Row, float Score);

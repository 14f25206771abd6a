namespace Microsoft.ML.Mrl;

/// <summary>A row that a <see cref="FunnelIndex"/> found.</summary>
/// <param name="Id">The id that the row was added with.</param>
/// <param name="Score">The cosine of the query and the row at the full width, in [-1, 1]; 0 where either is zeros.</param>
public readonly record struct FunnelHit(long Id, float Score);

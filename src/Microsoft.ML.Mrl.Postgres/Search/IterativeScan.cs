namespace Microsoft.ML.Mrl;

/// <summary>
/// Specifies whether the index is scanned further where a filter leaves too few candidates (pgvector's <c>hnsw.iterative_scan</c>).
/// </summary>
public enum IterativeScan
{
    /// <summary>
    /// Uses <see cref="RelaxedOrder"/> for a search with a filter where pgvector is 0.8.0 or later; otherwise leaves the server's setting.
    /// This is the default.
    /// </summary>
    Automatic,

    /// <summary>Scans once; the candidates are those that pass the filter.</summary>
    Off,

    /// <summary>
    /// Scans on until there are enough candidates, which may come slightly out of order. The ranking corrects that. Requires pgvector
    /// 0.8.0.
    /// </summary>
    RelaxedOrder,

    /// <summary>Scans on until there are enough candidates, and drops those that come out of order. Requires pgvector 0.8.0.</summary>
    StrictOrder,
}

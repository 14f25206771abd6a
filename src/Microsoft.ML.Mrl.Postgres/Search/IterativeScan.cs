namespace Microsoft.ML.Mrl;

/// <summary>Whether the index goes on looking until the short list is full (pgvector's <c>hnsw.iterative_scan</c>, since 0.8.0).</summary>
public enum IterativeScan
{
    /// <summary><see cref="Relaxed"/> where there is a filter and pgvector is 0.8.0 or later; else as the server is set. The default.</summary>
    Automatic,

    /// <summary>One scan; what a filter leaves of it is the short list.</summary>
    Off,

    /// <summary>Goes on; the short list may come slightly out of order, which the second stage puts right. Needs pgvector 0.8.0 or later.</summary>
    Relaxed,

    /// <summary>Goes on, and drops rows that come out of order. Needs pgvector 0.8.0 or later.</summary>
    Strict,
}

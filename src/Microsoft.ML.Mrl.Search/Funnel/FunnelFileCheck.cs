namespace Microsoft.ML.Mrl;

/// <summary>Specifies how much of a file <see cref="FunnelIndex.Open"/> checks at once.</summary>
public enum FunnelFileCheck
{
    /// <summary>All but the vectors: the header, the ids, the graph and the length of the file. A vector is checked when a search reads
    /// it.</summary>
    Catalog,

    /// <summary>Every byte: reads the whole file once.</summary>
    Everything,
}

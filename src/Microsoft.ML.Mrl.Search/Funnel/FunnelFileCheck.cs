namespace Microsoft.ML.Mrl;

/// <summary>How much of a file <see cref="FunnelIndex.Open"/> reads to see whether it is whole.</summary>
public enum FunnelFileCheck
{
    /// <summary>
    /// The header with its checksum, and the length of the file. Damage inside the vectors goes unseen: it changes scores, and does not lead to a crash.
    /// </summary>
    Header,

    /// <summary>Every byte, against the checksum: reads the whole file once.</summary>
    Everything,
}

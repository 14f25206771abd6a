namespace Microsoft.ML.Mrl;

/// <summary>The parts of a training.</summary>
public enum MrlPhase
{
    /// <summary>Rows are read.</summary>
    Reading,

    /// <summary>The principal components are computed.</summary>
    Starting,

    /// <summary>Steps are taken.</summary>
    Training,

    /// <summary>All is done.</summary>
    Done,
}

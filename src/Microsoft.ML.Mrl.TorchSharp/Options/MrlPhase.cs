namespace Microsoft.ML.Mrl;

/// <summary>The parts of a training.</summary>
public enum MrlPhase
{
    /// <summary>Rows are read.</summary>
    Reading,

    /// <summary>
    /// The principal components are computed: what every training is compared with, and what all but a transformer's start from unless told
    /// otherwise. A transformer embeds all texts, and the head that it starts from is trained on their embeddings.
    /// </summary>
    Starting,

    /// <summary>Steps are taken.</summary>
    Training,

    /// <summary>All is done.</summary>
    Done,
}

namespace Microsoft.ML.Mrl;

/// <summary>Specifies the phase that a training is in.</summary>
public enum MrlPhase
{
    /// <summary>The rows are being read.</summary>
    Reading,

    /// <summary>
    /// The principal components are being computed. Every training is compared with them, and by default the trainings of heads start from
    /// them. If an encoder is trained, its texts are embedded in this phase, and by default a head is trained on their embeddings.
    /// </summary>
    Starting,

    /// <summary>The training steps are running.</summary>
    Training,

    /// <summary>The training has ended.</summary>
    Done,
}

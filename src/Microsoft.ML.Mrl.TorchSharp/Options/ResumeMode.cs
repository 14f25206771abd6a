namespace Microsoft.ML.Mrl;

/// <summary>Specifies what a training does with the checkpoints that it finds in its folder.</summary>
public enum ResumeMode
{
    /// <summary>
    /// Resumes from the newest undamaged checkpoint of the same training. If there is none, the training starts anew and the log says why.
    /// This is the default.
    /// </summary>
    WhenPossible,

    /// <summary>
    /// Resumes from a checkpoint, or throws an exception that says why this is impossible. A training of a head on few rows has its first
    /// checkpoint after it has chosen among heads. If it was ended before, it chooses again; the folder says that it had begun.
    /// </summary>
    Required,

    /// <summary>Starts anew and ignores the checkpoints.</summary>
    Never,
}

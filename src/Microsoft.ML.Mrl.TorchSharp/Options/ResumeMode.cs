namespace Microsoft.ML.Mrl;

/// <summary>What a training does with checkpoints that it finds in its folder.</summary>
public enum ResumeMode
{
    /// <summary>
    /// Goes on from the newest whole one of the same training; begins anew where there is none, and says why in the log. The default.
    /// </summary>
    WhenPossible,

    /// <summary>Goes on from one, or throws and says why it cannot.</summary>
    Required,

    /// <summary>Begins anew.</summary>
    Never,
}

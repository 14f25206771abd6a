namespace Microsoft.ML.Mrl;

/// <summary>What a training starts from.</summary>
public enum StartingPoint
{
    /// <summary>
    /// The rotation to the principal components: its prefixes are the best that can be had without learning, in nearly every case.
    /// </summary>
    Pca,

    /// <summary>
    /// The vectors as they come, of which a narrower output takes the first values. For vectors whose prefixes are good already, such as
    /// those of a model that was itself trained the Matryoshka way, and where the new values shall stay near the old ones. Inputs above
    /// 1,024 values start at the nearest that their principal components allow.
    /// </summary>
    Identity,
}

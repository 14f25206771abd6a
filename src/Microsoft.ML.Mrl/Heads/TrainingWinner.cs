namespace Microsoft.ML.Mrl;

/// <summary>Specifies which of the candidates that a training compares was returned.</summary>
public enum TrainingWinner
{
    /// <summary>The learned head or encoder.</summary>
    Learned,

    /// <summary>The rotation to the principal components.</summary>
    Pca,

    /// <summary>The unchanged input vectors.</summary>
    Raw,
}

namespace Microsoft.ML.Mrl;

/// <summary>Specifies which of the candidates that a training compares was handed back.</summary>
public enum TrainingWinner
{
    /// <summary>What was learned.</summary>
    Learned,

    /// <summary>The rotation to the principal components.</summary>
    Pca,

    /// <summary>The vectors as they came.</summary>
    Raw,
}

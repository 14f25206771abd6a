namespace Microsoft.ML.Mrl;

/// <summary>What a Matryoshka training is for: names the supervision and the columns that carry it.</summary>
public abstract class MrlObjective
{
    private protected MrlObjective()
    {
    }

    /// <summary>The columns needed besides the input.</summary>
    internal abstract RoleColumns Columns { get; }

    /// <summary>What the validation score measures, as a name.</summary>
    internal abstract string ScoreName { get; }

    /// <summary>Refuses examples that cannot be learned from.</summary>
    internal abstract void Check(ExampleSet examples);

    /// <summary>Makes the loss at one width; the training nests it.</summary>
    internal abstract EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions);

    /// <summary>Scores embeddings on rows held back: one score a dimension, ascending; higher is better.</summary>
    /// <param name="examples">All examples.</param>
    /// <param name="rows">The rows to score by.</param>
    /// <param name="embeddings">Gives their embeddings.</param>
    /// <param name="dimensions">The dimensions to score at.</param>
    /// <param name="loss">The loss of this training in its present state, as <see cref="CreateLoss"/> made it.</param>
    internal abstract double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss);

    /// <summary>The objective as it is written: <c>Classification(Label)</c>.</summary>
    public abstract override string ToString();

    /// <summary>
    /// Softmax cross-entropy over classes at every nested dimension, Σ_m CE(W_m z[:m] + b_m, y): MRL of Kusupati et al. 2022 (arXiv:2205.13147).
    /// </summary>
    /// <param name="labelColumnName">The class of each row: a key, text, integer or boolean column. At least two classes. Rows without a label are left out.</param>
    /// <param name="weightTying">Whether every dimension has a classifier of its own (MRL, default) or all share one (MRL-E).</param>
    public static MrlObjective Classification(string labelColumnName = "Label", WeightTying weightTying = WeightTying.Separate) =>
        new ClassificationObjective(labelColumnName, weightTying);

    /// <summary>
    /// Draws each row's input to its positive and away from the other rows' positives and all negatives: InfoNCE, known as multiple negatives ranking.
    /// −1/B Σ_i log softmax of cos(a_i, ·) / temperature at its positive, at every nested dimension.
    /// </summary>
    /// <param name="positiveColumnName">An embedding column of the input's width that belongs to the input.</param>
    /// <param name="negativeColumnName">An embedding column of the input's width that must not be near the input, or <see langword="null"/> (default).</param>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.05.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Pairs(string positiveColumnName, string? negativeColumnName = null, double temperature = 0.05) =>
        new PairsObjective(positiveColumnName, negativeColumnName, temperature);

    /// <summary>
    /// Orders pairs by their score: CoSENT, log(1 + Σ_{y_i &lt; y_j} exp((cos_i − cos_j) / temperature)), at every nested dimension.
    /// </summary>
    /// <param name="otherColumnName">The embedding column that the input is compared with.</param>
    /// <param name="scoreColumnName">How alike the two are, higher is more: a numeric column of any range. At least two different scores.</param>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.05.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective ScoredPairs(string otherColumnName, string scoreColumnName = "Score", double temperature = 0.05) =>
        new ScoredPairsObjective(otherColumnName, scoreColumnName, temperature);
}

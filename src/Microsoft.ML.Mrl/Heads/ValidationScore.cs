namespace Microsoft.ML.Mrl;

/// <summary>Represents the scores of the three candidates of a training on the validation rows, at one dimension.</summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
public sealed class ValidationScore
{
    internal ValidationScore(int dimensions, double raw, double pca, double learned)
    {
        Dimensions = dimensions;
        Raw = raw;
        Pca = pca;
        Learned = learned;
    }

    /// <summary>Gets the prefix length m.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the score of the first m values of the input vectors. It is NaN if these cannot be compared.</summary>
    public double Raw { get; }

    /// <summary>Gets the score of the first m principal components.</summary>
    public double Pca { get; }

    /// <summary>Gets the score of the first m values after the learned head. It is NaN if nothing was learned.</summary>
    public double Learned { get; }

    /// <summary>
    /// Gets <see cref="Learned"/> minus the better of <see cref="Raw"/> and <see cref="Pca"/>. It is NaN if there is no such score.
    /// </summary>
    public double Difference => Learned - BetterOf(Raw, Pca);

    /// <summary>
    /// Gets the lower end of the 95 % interval of <see cref="Difference"/>, from a paired bootstrap over the validation rows. It is NaN if
    /// no interval was computed.
    /// </summary>
    public double Low { get; internal init; } = double.NaN;

    /// <summary>
    /// Gets the upper end of the 95 % interval of <see cref="Difference"/>. It is NaN if no interval was computed. A value below 0 means
    /// that the learned head is worse by more than noise explains.
    /// </summary>
    public double High { get; internal init; } = double.NaN;

    /// <summary>Returns the higher score, or the other one if a score is NaN.</summary>
    internal static double BetterOf(double raw, double pca) => double.IsNaN(raw) || pca >= raw ? pca : raw;
}

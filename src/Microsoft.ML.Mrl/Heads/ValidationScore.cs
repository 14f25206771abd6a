namespace Microsoft.ML.Mrl;

/// <summary>Represents what the three candidates reached on the rows held back, at one dimension.</summary>
/// <param name="Dimensions">The prefix length m.</param>
/// <param name="Raw">The first m values of the vectors as they came; NaN where they are not comparable.</param>
/// <param name="Pca">The first m principal components.</param>
/// <param name="Learned">The first m values after the learned head; NaN where nothing was learned.</param>
public sealed record ValidationScore(int Dimensions, double Raw, double Pca, double Learned)
{
    /// <summary>Gets the learned head's score minus that of the better of raw and PCA; NaN where there is no such score.</summary>
    public double Difference => Learned - BetterOf(Raw, Pca);

    /// <summary>Gets the lower end of the 95 % interval of <see cref="Difference"/> (paired bootstrap over the rows held back); NaN (default) where it was not measured.</summary>
    public double Low { get; init; } = double.NaN;

    /// <summary>Gets the upper end of the 95 % interval of <see cref="Difference"/>; NaN (default) where it was not measured. Below 0: worse beyond noise.</summary>
    public double High { get; init; } = double.NaN;

    /// <summary>The higher of the two; the other where one is not a number.</summary>
    internal static double BetterOf(double raw, double pca) => double.IsNaN(raw) || pca >= raw ? pca : raw;
}

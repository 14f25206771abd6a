namespace Microsoft.ML.Mrl;

/// <summary>Finds everything that is wrong with options, without looking at data.</summary>
internal static class OptionsCheck
{
    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    public static void Throw(MrlFineTuneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.OutputColumnName);
        ArgumentNullException.ThrowIfNull(options.Objective);
        string[] problems = [.. Problems(options)];
        if (problems.Length > 0)
        {
            throw new ArgumentException($"{nameof(MrlFineTuneOptions)} do not make sense: {string.Join(" ", problems)}", nameof(options));
        }
    }

    private static IEnumerable<string> Problems(MrlFineTuneOptions options)
    {
        if (options.OutputColumnName.Length == 0)
        {
            yield return $"{nameof(options.OutputColumnName)} is empty; name the column to make.";
        }
        if (options.OutputDimensions < 1)
        {
            yield return $"{nameof(options.OutputDimensions)} is {options.OutputDimensions}; choose 1 or more.";
        }
        if (options.Dimensions is { } dimensions && options.OutputDimensions is { } outputs && dimensions.Largest > outputs)
        {
            yield return $"{nameof(options.Dimensions)} reach {dimensions.Largest}, above {nameof(options.OutputDimensions)} of {outputs}.";
        }
        if (options.DimensionWeights is { } weights)
        {
            if (options.Dimensions is null)
            {
                yield return $"{nameof(options.DimensionWeights)} are given without {nameof(options.Dimensions)}; give both.";
            }
            else if (MatryoshkaLoss.Problem(options.Dimensions, weights) is { } problem)
            {
                yield return problem;
            }
        }
        if (options.BatchSize < 2)
        {
            yield return $"{nameof(options.BatchSize)} is {options.BatchSize}; choose 2 or more.";
        }
        if (options.Epochs < 1)
        {
            yield return $"{nameof(options.Epochs)} is {options.Epochs}; choose 1 or more.";
        }
        if (options.Patience < 1)
        {
            yield return $"{nameof(options.Patience)} is {options.Patience}; choose 1 or more.";
        }
        if (!(options.LearningRate > 0) || !double.IsFinite(options.LearningRate))
        {
            yield return $"{nameof(options.LearningRate)} is {options.LearningRate}; choose a number above 0.";
        }
        if (!(options.WeightDecay >= 0) || !double.IsFinite(options.WeightDecay))
        {
            yield return $"{nameof(options.WeightDecay)} is {options.WeightDecay}; choose 0 or more.";
        }
        if (options.WarmUpFraction is not (>= 0 and <= 1))
        {
            yield return $"{nameof(options.WarmUpFraction)} is {options.WarmUpFraction}; choose 0..1.";
        }
        if (options.ValidationFraction is not (>= 0 and < 1))
        {
            yield return $"{nameof(options.ValidationFraction)} is {options.ValidationFraction}; choose 0 up to, not including, 1.";
        }
        if (options.MemoryBudget <= 0)
        {
            yield return $"{nameof(options.MemoryBudget)} is {options.MemoryBudget}; choose a number of bytes above 0.";
        }
        if (options.TempFolder is { } folder && !Directory.Exists(folder))
        {
            yield return $"{nameof(options.TempFolder)} '{folder}' is not there; make it or choose another.";
        }
    }
}

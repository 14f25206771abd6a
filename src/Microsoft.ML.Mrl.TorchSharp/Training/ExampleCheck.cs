namespace Microsoft.ML.Mrl;

/// <summary>Refuses examples that cannot be learned from, and says what else is worth knowing of them.</summary>
internal static class ExampleCheck
{
    /// <exception cref="InvalidOperationException">There are too few examples, or the objective cannot use them.</exception>
    public static void Throw(ExampleSet examples, MrlFineTuneOptions options, MrlLog log)
    {
        if (examples.Skipped > 0)
        {
            log.Warning($"{examples.Skipped} of {examples.Count + examples.Skipped} rows have no label or score and were left out.");
        }
        options.Objective.Check(examples);
        if (examples.Count < 2)
        {
            throw new InvalidOperationException($"Training needs at least 2 usable rows, but the data has {examples.Count}.");
        }
        if (examples.Count < options.BatchSize)
        {
            log.Info($"The data has {examples.Count} rows, fewer than the batch size of {options.BatchSize}; each step uses all training rows.");
        }
    }
}

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>What became of one damaged file.</summary>
internal enum FuzzOutcome
{
    /// <summary>It was read, and could be used.</summary>
    Loaded,

    /// <summary>It was refused by an exception that says what is wrong with it.</summary>
    Refused,

    /// <summary>Another exception came out.</summary>
    Untyped,

    /// <summary>It took longer than it may.</summary>
    Slow,

    /// <summary>It took more memory than it may.</summary>
    Large,
}

/// <summary>What became of one damaged file.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Detail">The exception and where it came from, or how much time or memory it took.</param>
internal sealed record FuzzResult(FuzzOutcome Outcome, string Detail = "");

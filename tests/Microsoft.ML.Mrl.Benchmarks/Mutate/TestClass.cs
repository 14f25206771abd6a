namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>A class of tests.</summary>
/// <param name="Name">Its name with its namespace.</param>
/// <param name="Reaches">The mutants that stand in code that it runs.</param>
/// <param name="Time">How long its tests take, the start of the process included.</param>
internal sealed record TestClass(string Name, IReadOnlySet<int> Reaches, TimeSpan Time);

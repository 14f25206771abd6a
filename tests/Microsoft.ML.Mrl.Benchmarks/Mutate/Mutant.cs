namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>One change to the source.</summary>
/// <param name="Number">From 1.</param>
/// <param name="File">The file, relative to the repository.</param>
/// <param name="Line">The line in it, from 1.</param>
/// <param name="Before">What stands there.</param>
/// <param name="After">What stands there instead.</param>
internal sealed record Mutant(int Number, string File, int Line, string Before, string After)
{
    public override string ToString() => $"{File}({Line}): {Shown(Before)} -> {Shown(After)}";

    private static string Shown(string code)
    {
        string line = string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 90 ? line : line[..90] + "…";
    }
}

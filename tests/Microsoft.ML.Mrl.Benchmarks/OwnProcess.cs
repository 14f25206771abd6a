using System.Diagnostics;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>Starts this program again, in a process of its own, whether it was started by its own name or by <c>dotnet</c>.</summary>
internal static class OwnProcess
{
    /// <summary>Starts it.</summary>
    /// <param name="words">The verb and its words.</param>
    /// <param name="redirectOutput">Whether the caller reads what it prints.</param>
    public static Process Start(string[] words, bool redirectOutput) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [typeof(OwnProcess).Assembly.Location, .. words]) { RedirectStandardOutput = redirectOutput })!;
}

using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Where, when and of what code the numbers are.</summary>
internal static class RunDescription
{
    public static string Now() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; {DateTime.UtcNow:yyyy-MM-dd}; {Version()}");

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file)
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>The version and, where it was built from a repository, the commit.</summary>
    private static string Version() => typeof(LinearHead)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}

using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>What the operating system says of this process's memory.</summary>
internal static class PeakMemory
{
    /// <summary>The most bytes that were ever resident.</summary>
    public static long Resident() => Status("VmHWM");

    /// <summary>The bytes that are resident now and in no file.</summary>
    public static long Anonymous() => Status("RssAnon");

    private static long Status(string name)
    {
        string? line = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(name + ':', StringComparison.Ordinal))
            : null;
        return line is null
            ? Process.GetCurrentProcess().PeakWorkingSet64
            : long.Parse(line[(name.Length + 1)..^3], CultureInfo.InvariantCulture) << 10;
    }
}

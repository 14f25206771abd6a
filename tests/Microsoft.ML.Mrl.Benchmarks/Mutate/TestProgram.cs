using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>Runs classes of tests in processes of their own.</summary>
/// <param name="path">The program.</param>
/// <param name="source">The folder of its source, which has a file for each class.</param>
internal sealed class TestProgram(string path, string source)
{
    // The exit code of a run without any test.
    private const int NoTests = 8;

    /// <summary>Runs every class of some namespaces on its own, without a mutant, to see which mutants it reaches.</summary>
    /// <param name="namespaces">The namespaces, such as <c>Search.Funnel*</c>.</param>
    /// <returns>The classes that pass and reach any.</returns>
    public TestClass[] Measure(string[] namespaces)
    {
        var classes = new List<TestClass>();
        string project = Path.GetFileName(source);
        foreach (
            string folder in namespaces.Select(name => Path.Combine(source, name.TrimEnd('*').Replace('.', Path.DirectorySeparatorChar))))
        {
            foreach (string file in Directory.GetFiles(folder, "*Tests.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string name =
                    $"{project}.{Path.ChangeExtension(Path.GetRelativePath(source, file), null).Replace(Path.DirectorySeparatorChar, '.')}";
                if (Measure(name) is { Reaches.Count: > 0 } found)
                {
                    classes.Add(found);
                }
            }
        }
        return [.. classes.OrderBy(test => test.Time)];
    }

    /// <summary>Runs classes with a mutant.</summary>
    /// <returns>Whether all tests passed in time.</returns>
    public bool Passes(TestClass[] classes, int mutant)
    {
        TimeSpan limit = (5 * classes.Aggregate(TimeSpan.Zero, (sum, test) => sum + test.Time)) + TimeSpan.FromSeconds(60);
        return Run([.. classes.Select(test => test.Name)], [("MRL_MUTANT", mutant.ToString(CultureInfo.InvariantCulture))], limit) == 0;
    }

    private TestClass? Measure(string name)
    {
        DirectoryInfo log = Directory.CreateTempSubdirectory("mrl-reached-");
        try
        {
            var clock = Stopwatch.StartNew();
            int exitCode = Run([name], [("MRL_MUTANTS_REACHED", log.FullName)], TimeSpan.FromMinutes(20));
            if (exitCode != 0)
            {
                Console.WriteLine(
                    exitCode == NoTests ? $"{name} has no tests here." : $"{name} fails without a mutant as well and is left out.");
                return null;
            }
            return new TestClass(name, log.GetFiles().SelectMany(file => File.ReadLines(file.FullName)).Select(
                line => int.Parse(line, CultureInfo.InvariantCulture)).ToHashSet(), clock.Elapsed);
        }
        finally
        {
            log.Delete(recursive: true);
        }
    }

    private int Run(string[] classes, (string Name, string Value)[] variables, TimeSpan limit)
    {
        var start = new ProcessStartInfo(
            path, ["--stop-on-fail", "on", "--filter-class", .. classes]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        // Second by second: where all of this is stopped for a while, the while is no part of the limit.
        for (double waited = 0; waited < limit.TotalSeconds; waited++)
        {
            if (process.WaitForExit(TimeSpan.FromSeconds(1)))
            {
                return process.ExitCode;
            }
        }
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return -1;
    }
}

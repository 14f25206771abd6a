using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>Compiles a project with all mutants of a room in it, away from where it is usually built.</summary>
/// <param name="root">The repository.</param>
/// <param name="room">The room.</param>
/// <param name="folder">An empty folder.</param>
internal sealed partial class MutatedProject(string root, MutantRoom room, string folder)
{
    private const int MostTries = 12;

    // Asks which mutant is active, and where it is asked to, writes down at the end which were asked for.
    private const string Switch = """
        internal static class MrlMutant
        {
            private static readonly int s_active = int.Parse(System.Environment.GetEnvironmentVariable("MRL_MUTANT") ?? "0");
            private static readonly bool[]? s_reached = Log(System.Environment.GetEnvironmentVariable("MRL_MUTANTS_REACHED"));

            public static bool Is(int number)
            {
                if (s_reached is not null)
                {
                    s_reached[number] = true;
                }
                return s_active == number;
            }

            private static bool[]? Log(string? folder)
            {
                if (folder is null)
                {
                    return null;
                }
                var reached = new bool[1 << 16];
                System.AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.WriteAllLines(
                    System.IO.Path.Combine(folder, System.Environment.ProcessId.ToString()),
                    System.Linq.Enumerable.Select(System.Linq.Enumerable.Where(System.Linq.Enumerable.Range(0, reached.Length), i => reached[i]), i => i.ToString()));
                return reached;
            }
        }
        """;

    private readonly HashSet<int> _refused = [];

    /// <summary>Gets the compiled assembly.</summary>
    public string Assembly => Path.Combine(folder, "obj", room.Project + ".dll");

    /// <summary>Compiles, and leaves out what does not compile.</summary>
    /// <returns>The mutants that are in the assembly.</returns>
    public List<Mutant> Compile()
    {
        string source = Path.Combine(root, "src", room.Project, room.Folder);
        string changed = Path.Combine(folder, "source");
        string targets = Path.Combine(folder, "mutate.targets");
        File.WriteAllText(targets, $"""
            <Project>
              <PropertyGroup Condition="'$(MSBuildProjectName)' == '{room.Project}'">
                <IntermediateOutputPath>{folder}/obj/</IntermediateOutputPath>
                <RunAnalyzers>false</RunAnalyzers>
                <TreatWarningsAsErrors>false</TreatWarningsAsErrors>
                <NoWarn>$(NoWarn);CS1591;CS0162;CS8629;CS8602;CS8604</NoWarn>
              </PropertyGroup>
              <ItemGroup Condition="'$(MSBuildProjectName)' == '{room.Project}'">
                <Compile Remove="{source}/**/*.cs" />
                <Compile Include="{changed}/**/*.cs" />
              </ItemGroup>
            </Project>
            """);
        for (int tries = 0; tries < MostTries; tries++)
        {
            List<Mutant> mutants = Write(source, changed, out Dictionary<string, List<(int Line, int Mutant)>> places);
            (int exit, string output) = Run("dotnet",
                ["msbuild", Path.Combine(root, "src", room.Project), "-t:Compile", "-v:q", "-nologo", "-p:TargetFramework=net10.0",
                    "-p:BuildProjectReferences=false", $"-p:CustomBeforeMicrosoftCommonTargets={targets}"]);
            if (exit == 0)
            {
                return [.. mutants.Where(mutant => !_refused.Contains(mutant.Number))];
            }
            int before = _refused.Count;
            foreach (Match error in ErrorPlace().Matches(output))
            {
                string file = Path.GetRelativePath(changed, error.Groups["file"].Value);
                int line = int.Parse(error.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture);
                _refused.UnionWith((places.GetValueOrDefault(file) ?? []).Where(place => place.Line == line).Select(place => place.Mutant));
            }
            if (_refused.Count == before)
            {
                throw new InvalidOperationException($"The mutated project does not compile: {output}");
            }
        }
        throw new InvalidOperationException($"The mutated project did not compile in {MostTries} tries.");
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private List<Mutant> Write(string source, string changed, out Dictionary<string, List<(int Line, int Mutant)>> places)
    {
        var mutants = new List<Mutant>();
        places = [];
        foreach (string path in Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(source, path);
            SyntaxNode tree = CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot();
            string text = new MutantWriter(Path.GetRelativePath(root, path), _refused, mutants).Visit(tree)!.ToFullString();
            string target = Path.Combine(changed, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, text);
            string[] lines = text.Split('\n');
            places[name] = [
                .. lines.SelectMany(
                    (line, i) => MutantNumber().Matches(line)
                    .Select(match => (i + 1, int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))))];
        }
        File.WriteAllText(Path.Combine(changed, "MrlMutant.cs"), Switch);
        return mutants;
    }

    [GeneratedRegex(@"(?<file>[^\s(]+\.cs)\((?<line>\d+),\d+\): error ")]
    private static partial Regex ErrorPlace();

    [GeneratedRegex(@"MrlMutant\.Is\((\d+)\)")]
    private static partial Regex MutantNumber();
}

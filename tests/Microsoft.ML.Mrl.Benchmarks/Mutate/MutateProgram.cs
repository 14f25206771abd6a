using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>
/// Changes the source in small ways and runs its tests: <c>-- mutate ROOM [COUNT] [seed=N] [tests=NAMESPACE,…]</c>. A mutant that no test
/// notices is listed. All mutants are compiled at once and chosen by a variable of the environment, and each meets those classes of tests
/// alone that run its code. The project of tests has been built in Debug, the usual configuration, before.
/// </summary>
internal static class MutateProgram
{
    private const string TestProject = "Microsoft.ML.Mrl.Tests";

    public static int Run(string[] args)
    {
        string[] words = [.. args.Where(arg => !arg.Contains('=', StringComparison.Ordinal))];
        string? Option(string name) =>
            args.FirstOrDefault(arg => arg.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        if (words.Length is not (1 or 2) || !MutantRoom.All.TryGetValue(words[0], out MutantRoom? room))
        {
            Console.Error.WriteLine($"mutate ROOM [COUNT] [seed=N] [tests=NAMESPACE,…]. Rooms: {string.Join(", ", MutantRoom.All.Keys)}.");
            return 2;
        }
        int count = words.Length == 2 ? int.Parse(words[1], CultureInfo.InvariantCulture) : int.MaxValue;
        int seed = int.Parse(Option("seed") ?? "1", CultureInfo.InvariantCulture);
        string root = Root();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-mutate-");
        // Inside the repository, which the tests find by their own place.
        string copies = Path.Combine(root, "tests", TestProject, "bin", folder.Name);
        try
        {
            var project = new MutatedProject(root, room, folder.FullName);
            List<Mutant> mutants = project.Compile();
            string tests = CopyOfTests(root, copies, project.Assembly);
            Console.WriteLine($"{room.Folder}: {mutants.Count} mutants compile");
            string[][] stages = Option("tests") is { } named ? [named.Split(',')] : room.Others.Length == 0 ? [room.Tests]
                : [room.Tests, room.Others];
            var program = new TestProgram(Path.Combine(tests, TestProject), Path.Combine(root, "tests", TestProject));
            return Try(mutants, count, seed, program, stages);
        }
        finally
        {
            folder.Delete(recursive: true);
            if (Directory.Exists(copies))
            {
                Directory.Delete(copies, recursive: true);
            }
        }
    }

    private static int Try(List<Mutant> mutants, int count, int seed, TestProgram program, string[][] namespaces)
    {
        Mutant[] chosen = [.. mutants];
        new Random(seed).Shuffle(chosen);
        chosen = [.. chosen.Take(count).OrderBy(mutant => mutant.Number)];
        TestClass[][] stages = [.. namespaces.Select(program.Measure)];
        var alive = new List<Mutant>();
        foreach (Mutant mutant in chosen)
        {
            TestClass[][] reaching = [
                .. stages.Select(stage => stage.Where(test => test.Reaches.Contains(mutant.Number)).ToArray())
                .Where(stage => stage.Length > 0)];
            bool lives = reaching.All(stage => program.Passes(stage, mutant.Number));
            if (lives)
            {
                alive.Add(mutant);
            }
            Console.WriteLine($"{(lives ? "lives " : "killed")} {mutant}{(reaching.Length == 0 ? " (no test reaches it)" : "")}");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{chosen.Length - alive.Count} of {chosen.Length} mutants killed, {100.0 * (chosen.Length - alive.Count) / Math.Max(1, chosen.Length):0.0} %, seed {seed}"));
        return alive.Count == 0 ? 0 : 1;
    }

    /// <summary>The tests as they were built, beside the mutated assembly.</summary>
    private static string CopyOfTests(string root, string target, string assembly)
    {
        string built = Directory.GetDirectories(Path.Combine(root, "tests", TestProject, "bin", "Debug", "net10.0")).FirstOrDefault(
            folder => File.Exists(Path.Combine(folder, TestProject + ".dll")))
                ?? throw new InvalidOperationException($"Build tests/{TestProject} first.");
        foreach (string path in Directory.GetFiles(built, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(built, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // Large native libraries are linked, not copied.
            if (path.Contains("runtimes", StringComparison.Ordinal) || new FileInfo(path).Length > 1 << 22)
            {
                File.CreateSymbolicLink(copy, path);
            }
            else
            {
                File.Copy(path, copy);
            }
        }
        File.Copy(assembly, Path.Combine(target, Path.GetFileName(assembly)), overwrite: true);
        return target;
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Mrl.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("Run this from a clone of the repository.");
    }
}

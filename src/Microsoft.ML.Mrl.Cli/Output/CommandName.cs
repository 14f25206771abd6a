namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Finds the words that start the tool, for lines that the user can copy.</summary>
internal static class CommandName
{
    private const string Tool = "mrl";

    private static readonly Lazy<string> s_value = new(() => IsOnPath() ? Tool : Started());

    /// <summary>Gets <c>mrl</c> where the search path has it, and otherwise the words that started this process.</summary>
    public static string Value => s_value.Value;

    private static bool IsOnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && (File.Exists(Path.Combine(folder, Tool)) || File.Exists(Path.Combine(folder, Tool + ".exe"))));

    // A tool of a manifest is started by dotnet, as is a program that is built in place.
    private static string Started() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == Tool
        ? Quoted(Environment.ProcessPath!)
        : AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}.nuget{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? $"dotnet {Tool}"
            : $"dotnet {Quoted(Path.Combine(AppContext.BaseDirectory, Tool + ".dll"))}";

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}

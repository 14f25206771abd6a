using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>
/// A file-based program in jupytext's percent format (<c>// %%</c> begins a cell of code, <c>// %% [markdown]</c> one of text), and the
/// notebook that it is. A line <c>statement; //> expression</c> is the expression alone in the notebook, where the last one of a cell is
/// shown; a line that ends in <c>//></c> is not in the notebook.
/// </summary>
internal static partial class NotebookProgram
{
    private const string Version = "0.1.0";

    /// <summary>The names of all programs in the folder of notebooks.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.cs")
        .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static string Folder => Path.Combine(Repository.Root, "notebooks");

    /// <summary>The program's text.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".cs"));

    /// <summary>The cells of the notebook; the first of code gets the packages.</summary>
    public static NotebookCell[] Cells(string program)
    {
        string[] lines = program.ReplaceLineEndings("\n").Split('\n');
        int start = Array.FindIndex(lines, IsMarker);
        Assert.True(start > 0, "No cell begins in the program.");
        string[] directives = [.. lines[..start].Where(line => line.Length > 0)];
        Assert.All(directives, line => Assert.StartsWith("#:", line, StringComparison.Ordinal));
        var cells = new List<NotebookCell>();
        for (int i = start; i < lines.Length;)
        {
            int end = Array.FindIndex(lines, i + 1, IsMarker) is var next and >= 0 ? next : lines.Length;
            bool isCode = lines[i] == "// %%";
            cells.Add(
                new NotebookCell(
                    isCode, string.Join('\n', lines[(i + 1)..end].SelectMany(line => isCode ? CodeLine(line) : [TextLine(line)]))
                    .Trim('\n')));
            i = end;
        }
        Assert.False(cells[0].IsCode, "The first cell is no title.");
        cells.InsertRange(1, Packages(directives));
        return [.. cells];
    }

    /// <summary>The ids of the packages of a program.</summary>
    public static IEnumerable<string> PackagesNamed(string name) =>
        PackagesOf(Read(name).ReplaceLineEndings("\n").Split('\n').TakeWhile(line => !IsMarker(line)).Where(line => line.Length > 0))
            .Select(package => package.Id);

    /// <summary>The packages of a program's directives, with versions.</summary>
    public static (string Id, string Version)[] PackagesOf(IEnumerable<string> directives)
    {
        var central = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(
                package => (string)package.Attribute("Include")!,
                package => VersionNumber().Match((string)package.Attribute("Version")!).Value);
        return
        [
            .. directives.Where(line => !line.StartsWith("#:property ", StringComparison.Ordinal)).Select(line =>
            {
                string[] words = line.Split(' ');
                return words[0] == "#:project" ? (Path.GetFileNameWithoutExtension(words[1]), Version) : (words[1], central[words[1]]);
            }),
        ];
    }

    private static NotebookCell[] Packages(string[] directives) =>
    [
        new(false, """
            The packages come first. They are not on nuget.org yet: make them once in a clone of the project, and open the notebook there, in its folder `notebooks`.

            ```
            dotnet pack -c Release -o bin/packages
            ```
            """),
        // The kernel takes no relative folder as a source, so the directives are made here and sent to it.
        new(true, $$"""
            using System.IO;
            using Microsoft.DotNet.Interactive;
            using Microsoft.DotNet.Interactive.Commands;
            using Microsoft.DotNet.Interactive.Events;

            string packages = Path.GetFullPath(Path.Combine("..", "bin", "packages"));
            if (!Directory.Exists(packages))
            {
                throw new DirectoryNotFoundException($"There are no packages in '{packages}'. Open the notebook in a clone, and run there: dotnet pack -c Release -o bin/packages");
            }
            string directives = $"#i \"nuget:{packages}\"\n" + {{string.Join(" + ", PackagesOf(directives).Select(package => $"\"#r \\\"nuget: {package.Id}, {package.Version}\\\"\\n\""))}};
            var loaded = await Kernel.Root.SendAsync(new SubmitCode(directives, "csharp"));
            if (loaded.Events.OfType<CommandFailed>().FirstOrDefault() is { } failed)
            {
                throw new InvalidOperationException(failed.Message);
            }
            """),
    ];

    private static bool IsMarker(string line) => line is "// %%" or "// %% [markdown]";

    private static string TextLine(string line)
    {
        Assert.True(line.Length == 0 || line == "//" || line.StartsWith("// ", StringComparison.Ordinal), $"Not a line of text: {line}");
        return line.Length < 3 ? "" : line[3..];
    }

    private static IEnumerable<string> CodeLine(string line)
    {
        if (line.IndexOf("//>", StringComparison.Ordinal) is not (var mark and >= 0))
        {
            return [line];
        }
        string expression = line[(mark + 3)..].Trim();
        return expression.Length == 0 ? [] : [line[..(line.Length - line.TrimStart().Length)] + expression];
    }

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex VersionNumber();
}

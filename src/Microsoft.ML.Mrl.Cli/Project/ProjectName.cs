using System.Buffers;
using System.Text;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Represents the name of a project, for files and as a C# identifier for the class.</summary>
/// <param name="FileName">The name of files and of the folder.</param>
/// <param name="Identifier">The name of the class.</param>
internal sealed record ProjectName(string FileName, string Identifier)
{
    private const string Suffix = "Mrl";

    private const string NotInFiles = "<>:\"/\\|?*";

    private static readonly SearchValues<char> s_notInFiles = SearchValues.Create(NotInFiles);

    /// <summary>Names that the generated code or the runtime uses for something else.</summary>
    private static readonly string[] s_used =
        ["System", "Microsoft", "Parquet", "Program", "ModelInput", "ModelOutput", "Path", "Console", "Lazy", "Array", "AppContext",
            "MLContext", "IDataView", "ITransformer", "DimensionReport"];

    /// <summary>Gets the namespace of the generated code.</summary>
    public string Namespace => Identifier + "Project";

    /// <summary>Makes the name that the user chose.</summary>
    /// <exception cref="CommandException">The name cannot be that of a file.</exception>
    public static ProjectName Of(string name)
    {
        string trimmed = name.Trim();
        return trimmed.Length is 0 or > 100 || trimmed.AsSpan().ContainsAny(s_notInFiles) || trimmed.Any(char.IsControl) || trimmed.Trim(
            '.').Length == 0 || trimmed[^1] == '.'
            ? throw new CommandException(
                $"Cannot use --name '{name}': it becomes the name of a folder and of files. "
                + $"Give 1..100 characters without {string.Join(' ', NotInFiles.AsEnumerable())}.", ExitCode.Usage)
            : new ProjectName(trimmed, ToIdentifier(trimmed));
    }

    /// <summary>Makes a name of the file name of a data set: <c>support.tsv</c> gives <c>SupportMrl</c>.</summary>
    public static ProjectName OfDataset(string path)
    {
        var name = new StringBuilder();
        bool starts = true;
        foreach (char c in Path.GetFileNameWithoutExtension(path))
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                starts = true;
                continue;
            }
            name.Append(starts ? char.ToUpperInvariant(c) : c);
            starts = false;
        }
        name.Append(Suffix);
        string text = char.IsAsciiDigit(name[0]) ? $"Data{name}" : name.ToString();
        return new ProjectName(text, ToIdentifier(text));
    }

    private static string ToIdentifier(string name)
    {
        var identifier = new StringBuilder();
        foreach (char c in name)
        {
            identifier.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }
        if (!char.IsAsciiLetter(identifier[0]))
        {
            identifier.Insert(0, 'M');
        }
        // No keyword of C# begins with a capital.
        identifier[0] = char.ToUpperInvariant(identifier[0]);
        string text = identifier.ToString();
        return s_used.Contains(text) ? text + Suffix : text;
    }
}

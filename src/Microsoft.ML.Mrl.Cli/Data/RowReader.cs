using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads the rows of a file in order. A column holds texts or vectors; numbers are texts until a role makes numbers of them.</summary>
internal abstract class RowReader(string name) : IDisposable
{
    /// <summary>More names than this are not listed in messages.</summary>
    private const int MostNames = 40;

    /// <summary>What the user calls the file.</summary>
    public string Name { get; } = name;

    /// <summary>The columns' names, in order.</summary>
    public IReadOnlyList<string> Columns { get; protected set; } = [];

    /// <summary>Where the current row is, such as <c>line 12</c>.</summary>
    public abstract string Place { get; }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="CommandException">The row is broken.</exception>
    public abstract bool Read();

    /// <summary>A field of the current row as text, without white space around it.</summary>
    public abstract string Text(int column);

    /// <summary>Whether the file itself says that the column holds vectors.</summary>
    public virtual bool IsVector(int column) => false;

    /// <summary>A field of a vector column of the current row; a new array.</summary>
    public virtual float[] Vector(int column) => throw new NotSupportedException($"Column '{Columns[column]}' of '{Name}' holds no vectors.");

    /// <summary>Opens a file by its extension: .npy, .parquet, and text for all others.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hasHeader">Whether the first line of a text file names the columns.</param>
    /// <exception cref="CommandException">There is no such file, or it cannot be read.</exception>
    public static RowReader OpenFile(string path, bool hasHeader = true) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".NPY" => NpyFile.Open(path),
        ".PARQUET" => ParquetFile.Open(path),
        _ => TabularFile.Open(path, hasHeader),
    };

    /// <summary>Names in quotes, for messages.</summary>
    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    /// <summary>Names in quotes, those in the middle left out where there are very many.</summary>
    public static string Shown(IReadOnlyList<string> names) => names.Count <= MostNames
        ? List(names)
        : $"{List(names.Take(MostNames - 2))}, … {names.Count - MostNames + 1} more …, '{names[^1]}'";

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Opens the file's bytes.</summary>
    /// <exception cref="CommandException">There is no such file, or it cannot be read.</exception>
    protected static FileStream OpenStream(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CommandException($"Cannot read data set '{path}': it is a folder. Give a .csv, .tsv, .npy or .parquet file.");
        }
        if (!File.Exists(path))
        {
            throw new CommandException($"Cannot read data set '{path}': there is no such file (looked for {Path.GetFullPath(path)}). Check the path.");
        }
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot read data set '{path}': {e.Message}", inner: e);
        }
    }
}

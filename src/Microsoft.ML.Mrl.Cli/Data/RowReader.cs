using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Reads the rows of a file in order. A column holds texts or vectors. Numbers are texts until a role makes numbers of them.
/// </summary>
internal abstract class RowReader(string name) : IDisposable
{
    /// <summary>Messages list at most this many names.</summary>
    private const int MaxNames = 40;

    /// <summary>Gets the file as the user named it.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the names of the columns, in order.</summary>
    public IReadOnlyList<string> Columns { get; protected set; } = [];

    /// <summary>Gets the position of the current row, such as <c>line 12</c>.</summary>
    public abstract string Place { get; }

    /// <summary>Gets the character that separates the whole part of a number from its fraction.</summary>
    public virtual char DecimalMarker => TextFormat.Point;

    /// <summary>Goes to the next row.</summary>
    /// <returns><see langword="true"/> if there is one; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="CommandException">The row is broken.</exception>
    public abstract bool Read();

    /// <summary>Returns a field of the current row as text, without white space around it.</summary>
    public abstract string Text(int column);

    /// <summary>Determines whether the file itself says that the column holds vectors.</summary>
    public virtual bool IsVector(int column) => false;

    /// <summary>Returns a field of a vector column of the current row as a new array.</summary>
    public virtual float[] Vector(int column) =>
        throw new NotSupportedException($"Column '{Columns[column]}' of '{Name}' holds no vectors.");

    /// <summary>
    /// Opens a file. The extension .npy or .parquet says the format. Any other file is text: what ML.NET saved as text is read as ML.NET
    /// wrote it, and everything else as lines of separated fields.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="format">How a text file is written, or <see langword="null"/> for the default.</param>
    /// <exception cref="CommandException">There is no such file, or it cannot be read.</exception>
    public static RowReader OpenFile(string path, TextFormat? format = null) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".NPY" => NpyFile.Open(path),
        ".PARQUET" => ParquetFile.Open(path),
        _ when SavedTextFile.IsOne(path) => SavedTextFile.Open(path),
        _ => TabularFile.Open(path, format ?? new TextFormat()),
    };

    /// <summary>Determines whether a file is read as its format says. All others say themselves how they are written.</summary>
    public static bool TakesFormat(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is not (".NPY" or ".PARQUET") && !SavedTextFile.IsOne(path);

    /// <summary>Makes sure that a format that was asked for is that of a file.</summary>
    /// <param name="format">The format; the default is no request.</param>
    /// <param name="files">The files that are read by it.</param>
    /// <exception cref="CommandException">None of them is a text file of separated fields.</exception>
    public static void CheckFormat(TextFormat format, params IEnumerable<string?> files)
    {
        string[] read = [.. files.OfType<string>()];
        if (format != new TextFormat() && !read.Any(TakesFormat))
        {
            string what = read.Length == 0 ? "the data set that comes with mrl" : List(read);
            throw new CommandException(
                $"Cannot use --has-header, --separator or --decimal-marker with {what}, which says itself how it is written. Leave them "
                + "out (in an .mbconfig: HasHeader, Delimiter, DecimalMarker).");
        }
    }

    /// <summary>Lists names in quotes, for messages.</summary>
    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    /// <summary>Lists names in quotes, without those in the middle where there are very many.</summary>
    public static string Shown(IReadOnlyList<string> names) => names.Count <= MaxNames
        ? List(names)
        : $"{List(names.Take(MaxNames - 2))}, … {names.Count - MaxNames + 1} more …, '{names[^1]}'";

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Opens a file's bytes.</summary>
    /// <exception cref="CommandException">There is no such file, it cannot be read, or it is a pointer of Git LFS.</exception>
    protected static FileStream OpenStream(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CommandException($"Cannot read data set '{path}': it is a folder. Give a .csv, .tsv, .npy or .parquet file.");
        }
        if (!File.Exists(path))
        {
            string lookedFor = path.Contains('\0') ? "" : $" (looked for {Path.GetFullPath(path)})";
            throw new CommandException($"Cannot read data set '{path}': there is no such file{lookedFor}. Check the path.");
        }
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            LfsPointer.Check(stream, $"'{path}'");
            return stream;
        }
        catch (InvalidDataException e)
        {
            stream?.Dispose();
            throw new CommandException($"Cannot read data set: {e.Message}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot read data set '{path}': {e.Message}", inner: e);
        }
    }
}

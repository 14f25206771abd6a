using System.Globalization;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Reads a text file that <c>mlContext.Data.SaveAsText</c> wrote with its schema. ML.NET's own loader reads the schema and the rows, dense
/// or sparse.
/// </summary>
internal sealed class SavedTextFile : RowReader
{
    private const string Start = "#@ TextLoader{";

    private const string Comment = "#@";
    private const int MaxSchemaLines = 100_000;
    private const int MaxLineLength = 1 << 16;
    private const int MaxWidth = 1 << 24;

    // A number takes some ten characters.
    private const int MaxRowLength = 16 * MaxWidth;

    // What SaveAsText writes, though the schema in the file does not say so.
    private static readonly string[] s_unsaid = ["sparse", "quote"];

    private readonly DataViewRowCursor _cursor;
    private readonly (Func<string>? Text, Func<float[]>? Vector)[] _getters;

    private SavedTextFile(string name, IDataView view)
        : base(name)
    {
        DataViewSchema.Column[] columns = [.. view.Schema.Where(column => !column.IsHidden)];
        _cursor = view.GetRowCursor(columns);
        (string Name, Func<string>? Text, Func<float[]>? Vector)[] readable =
        [
            .. columns.Select(column => (column.Name, Text: TextGetter(column), Vector: VectorGetter(column)))
                .Where(column => column.Text is not null || column.Vector is not null),
        ];
        Columns = [.. readable.Select(column => column.Name)];
        _getters = [.. readable.Select(column => (column.Text, column.Vector))];
        if (readable.Length == 0)
        {
            throw new CommandException(
                $"Cannot read '{name}': the schema in its first lines names no column of texts, numbers or vectors.");
        }
    }

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"row {_cursor.Position + 1}");

    /// <summary>Determines whether a file begins with a schema as ML.NET writes it.</summary>
    public static bool IsOne(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            var start = new char[Start.Length];
            return reader.ReadBlock(start) == start.Length && start.AsSpan().SequenceEqual(Start);
        }
        // Whoever opens the file to read it says what is wrong with it.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="CommandException">ML.NET cannot read the schema in the file's first lines.</exception>
    public static SavedTextFile Open(string path)
    {
        string schema = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(schema, Schema(path));
            TextLoader loader = new MLContext().Data.CreateTextLoader(new TextLoader.Options(), new MultiFileSource(schema));
            return new SavedTextFile(path, loader.Load(new LimitedSource(path, MaxRowLength)));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IOException)
        {
            throw new CommandException(
                $"Cannot read '{path}': it begins as a file that ML.NET saved as text, but {Failures.Sentence(e)} "
                + "Save it again, or as a plain file with mlContext.Data.SaveAsText(…, schema: false, forceDense: true).",
                inner: e);
        }
        finally
        {
            File.Delete(schema);
        }
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        try
        {
            return _cursor.MoveNext();
        }
        // ML.NET reads on a thread of its own, and throws what that one threw within exceptions of several types.
        catch (Exception e) when (
            e is InvalidOperationException or FormatException or IOException or InvalidDataException or ArgumentException)
        {
            throw new CommandException(
                $"Cannot read '{Name}', after row {_cursor.Position + 1}: {Failures.Sentence(e.GetBaseException())}.", inner: e);
        }
    }

    /// <inheritdoc/>
    public override bool IsVector(int column) => _getters[column].Vector is not null;

    /// <inheritdoc/>
    public override float[] Vector(int column) => _getters[column].Vector is { } vector ? vector() : base.Vector(column);

    /// <inheritdoc/>
    public override string Text(int column) =>
        _getters[column].Text is { } text ? text() : throw new NotSupportedException(
            $"Column '{Columns[column]}' of '{Name}' holds vectors.");

    /// <inheritdoc/>
    public override void Dispose() => _cursor.Dispose();

    // ML.NET reads a schema from a file only where its options are the default ones, so the options are added to the schema.
    private static string[] Schema(string path)
    {
        using var reader = new LineReader(new StreamReader(path), MaxLineLength);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line && line.StartsWith(Comment, StringComparison.Ordinal))
        {
            if (lines.Count == MaxSchemaLines || line.Length > MaxLineLength)
            {
                throw new FormatException(
                    $"its schema has more than {MaxSchemaLines} lines, or more than {MaxLineLength} characters in one.");
            }
            lines.Add(line);
        }
        IEnumerable<string> added = s_unsaid.Where(option => !lines.Any(line => line.Contains($" {option}", StringComparison.Ordinal)));
        return [lines[0], .. added.Select(option => $"{Comment}   {option}+"), .. lines[1..]];
    }

    private Func<string>? TextGetter(DataViewSchema.Column column)
    {
        Func<string>? scalar = column.Type is VectorDataViewType ? null : Scalar(column);
        if (scalar is null || column.Type is not KeyDataViewType)
        {
            return scalar;
        }
        // A missing key is 0.
        return () => scalar() is var key and not "0" ? key : "";
    }

    private Func<string>? Scalar(DataViewSchema.Column column)
    {
        Type type = column.Type.RawType;
        return type == typeof(ReadOnlyMemory<char>) ? Getter<ReadOnlyMemory<char>>(column, value => value.ToString().Trim())
            : type == typeof(bool) ? Getter<bool>(column, value => value ? "true" : "false")
            : type == typeof(float) ? Getter<float>(column, Number)
            : type == typeof(double) ? Getter<double>(column, Number)
            : type == typeof(byte) ? Getter<byte>(column, Number)
            : type == typeof(sbyte) ? Getter<sbyte>(column, Number)
            : type == typeof(short) ? Getter<short>(column, Number)
            : type == typeof(ushort) ? Getter<ushort>(column, Number)
            : type == typeof(int) ? Getter<int>(column, Number)
            : type == typeof(uint) ? Getter<uint>(column, Number)
            : type == typeof(long) ? Getter<long>(column, Number)
            : type == typeof(ulong) ? Getter<ulong>(column, Number)
            : null;
    }

    private Func<float[]>? VectorGetter(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType { ItemType: var item })
        {
            return null;
        }
        if (((VectorDataViewType)column.Type).Size > MaxWidth)
        {
            throw new FormatException($"its column '{column.Name}' has {((VectorDataViewType)column.Type).Size} values, more than " +
                $"{MaxWidth}.");
        }
        return item == NumberDataViewType.Single ? Vectors<float>(column, value => value)
            : item == NumberDataViewType.Double ? Vectors<double>(column, value => (float)value)
            : item == NumberDataViewType.Int32 ? Vectors<int>(column, value => value)
            : null;
    }

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private Func<string> Getter<T>(DataViewSchema.Column column, Func<T, string> text)
    {
        ValueGetter<T> getter = _cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return text(value);
        };
    }

    private Func<float[]> Vectors<T>(DataViewSchema.Column column, Func<T, float> number)
    {
        ValueGetter<VBuffer<T>> getter = _cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return [.. value.DenseValues().Select(number)];
        };
    }
}

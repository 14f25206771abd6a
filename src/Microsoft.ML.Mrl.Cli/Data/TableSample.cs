namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents the columns of a file and its first rows, from which roles are guessed.</summary>
internal sealed class TableSample
{
    private const int Rows = 20;

    private readonly List<string[]> _rows = [];
    private readonly bool[] _isVector;
    private readonly char _decimalMarker;

    private TableSample(RowReader reader)
    {
        Name = reader.Name;
        Columns = reader.Columns;
        _decimalMarker = reader.DecimalMarker;
        _isVector = [.. Columns.Select((_, i) => reader.IsVector(i))];
        while (_rows.Count < Rows && reader.Read())
        {
            _rows.Add([.. Columns.Select((_, i) => _isVector[i] ? "" : reader.Text(i))]);
        }
    }

    /// <summary>Gets the file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Gets the names of the columns, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Gets a value indicating whether the file has no row.</summary>
    public bool IsEmpty => _rows.Count == 0;

    /// <summary>
    /// Gets a sentence that tells how to read a text file without a header, or nothing where the names of the columns are no lines of it.
    /// </summary>
    public string HeaderAdvice => Path.GetExtension(Name).ToUpperInvariant() is ".NPY" or ".PARQUET" || Columns is ["Col0", ..]
        ? ""
        : " If the first line is not a header but a row, add --has-header false, which names the columns Col0, Col1, …";

    /// <summary>Reads the first rows of a file that was just opened.</summary>
    public static TableSample Of(RowReader reader) => new(reader);

    /// <summary>Determines whether the file itself says that a column holds vectors.</summary>
    public bool IsVector(int column) => _isVector[column];

    /// <summary>Determines whether every cell that was read lists numbers.</summary>
    public bool IsArray(int column) =>
        All(column, cell => cell.StartsWith('[') && NumberArray.Parse(cell, out _, _decimalMarker) is not null);

    /// <summary>Determines whether every cell that was read is a number.</summary>
    public bool IsNumber(int column) => All(column, cell => NumberArray.TryNumber(cell, out _, _decimalMarker));

    private bool All(int column, Func<string, bool> isSo) =>
        !_isVector[column] && _rows.Count > 0 && _rows.TrueForAll(row => isSo(row[column]));
}

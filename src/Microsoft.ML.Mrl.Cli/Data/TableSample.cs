namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>A file's columns and first rows, from which roles are guessed.</summary>
internal sealed class TableSample
{
    private const int Rows = 20;

    private readonly List<string[]> _rows = [];
    private readonly bool[] _isVector;

    private TableSample(RowReader reader)
    {
        Name = reader.Name;
        Columns = reader.Columns;
        _isVector = [.. Columns.Select((_, i) => reader.IsVector(i))];
        while (_rows.Count < Rows && reader.Read())
        {
            _rows.Add([.. Columns.Select((_, i) => _isVector[i] ? "" : reader.Text(i))]);
        }
    }

    /// <summary>What the user calls the file.</summary>
    public string Name { get; }

    /// <summary>The columns' names, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Whether there is no row.</summary>
    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Reads the first rows of a file, which is at its beginning.</summary>
    public static TableSample Of(RowReader reader) => new(reader);

    /// <summary>Whether the file says that a column holds vectors.</summary>
    public bool IsVector(int column) => _isVector[column];

    /// <summary>Whether every cell seen lists numbers.</summary>
    public bool IsArray(int column) => All(column, cell => cell.StartsWith('[') && NumberArray.Parse(cell, out _) is not null);

    /// <summary>Whether every cell seen is a number.</summary>
    public bool IsNumber(int column) => All(column, cell => NumberArray.TryNumber(cell, out _));

    private bool All(int column, Func<string, bool> isSo) => !_isVector[column] && _rows.Count > 0 && _rows.TrueForAll(row => isSo(row[column]));
}

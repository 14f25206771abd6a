using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents a text or a vector of each row, and the columns that it is read from.</summary>
/// <param name="Kind">How the text or vector is made.</param>
/// <param name="Columns">The positions of the columns. Only <see cref="FieldKind.Numbers"/> has several.</param>
/// <param name="Names">The names of the columns.</param>
internal sealed record Field(FieldKind Kind, IReadOnlyList<int> Columns, IReadOnlyList<string> Names)
{
    /// <summary>Gets a value indicating whether the field is text.</summary>
    public bool IsText => Kind == FieldKind.Text;

    /// <summary>Gets the columns for messages: <c>'text'</c>, or <c>'x0'..'x99' (100 columns)</c>.</summary>
    public string Shown => Names.Count == 1
        ? $"'{Names[0]}'"
        : string.Create(CultureInfo.InvariantCulture, $"'{Names[0]}'..'{Names[^1]}' ({Names.Count} columns)");

    /// <summary>Gets the columns as an option names them: by position where a list of names would be taken apart wrongly.</summary>
    public string Option => Names.Count > 1 && Names.Any(name => name.Length == 0 || ColumnFinder.IsList(name))
        ? string.Join(',', Columns.Select(column => column.ToString(CultureInfo.InvariantCulture)))
        : string.Join(',', Names);

    /// <summary>Returns the text of the current row.</summary>
    public string ReadText(RowReader reader) => reader.Text(Columns[0]);

    /// <summary>Returns the vector of the current row.</summary>
    /// <param name="reader">The file, at a row.</param>
    /// <param name="width">The width of the rows before; 0 for the first row.</param>
    /// <exception cref="CommandException">A value is missing or is not a finite number, or the vector has another width.</exception>
    public float[] ReadVector(RowReader reader, int width)
    {
        float[] vector = Kind switch
        {
            FieldKind.Vector => Finite(reader, reader.Vector(Columns[0])),
            FieldKind.Numbers => [.. Columns.Select(column => Number(reader, column))],
            _ => NumberArray.Parse(reader.Text(Columns[0]), out string? problem, reader.DecimalMarker)
                ?? throw Bad(reader, Columns[0], problem!),
        };
        if (vector.Length == 0)
        {
            throw Bad(reader, Columns[0], "the vector is empty");
        }
        return width == 0 || vector.Length == width
            ? vector
            : throw Bad(
                reader, Columns[0], string.Create(
                    CultureInfo.InvariantCulture, $"the vector has {vector.Length} values, but those before it have {width}"));
    }

    /// <summary>Returns a number of the current row, or NaN for an empty cell.</summary>
    /// <exception cref="CommandException">The cell is not a finite number.</exception>
    public static float ReadScore(RowReader reader, int column) => reader.Text(column).Length == 0 ? float.NaN : Number(reader, column);

    private static float Number(RowReader reader, int column)
    {
        string text = reader.Text(column);
        return text.Length == 0 ? throw Bad(reader, column, "the cell is empty")
            : NumberArray.TryNumber(text, out float number, reader.DecimalMarker) ? number
            : throw Bad(reader, column, NumberArray.NotANumber(text, reader.DecimalMarker));
    }

    private float[] Finite(RowReader reader, float[] vector)
    {
        int bad = Array.FindIndex(vector, value => !float.IsFinite(value));
        return bad < 0
            ? vector
            : throw Bad(
                reader, Columns[0], string.Create(
                    CultureInfo.InvariantCulture, $"value {bad} (counted from 0) of the vector is {vector[bad]}, not a finite number"));
    }

    private static CommandException Bad(RowReader reader, int column, string what) =>
        new($"'{reader.Name}', {reader.Place}, column '{reader.Columns[column]}': {what}. Repair that row, or leave it out.");
}

/// <summary>Specifies how the columns of a row become a text or a vector.</summary>
internal enum FieldKind
{
    /// <summary>One column is a text.</summary>
    Text,

    /// <summary>One column holds vectors, as the file itself says.</summary>
    Vector,

    /// <summary>Several columns hold one number each.</summary>
    Numbers,

    /// <summary>One column holds texts that list numbers: <c>[1, 2.5, -3e-2]</c>.</summary>
    Array,
}

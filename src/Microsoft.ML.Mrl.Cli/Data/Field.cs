using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>A text or a vector of each row, and the columns it is made of.</summary>
/// <param name="Kind">How it is made.</param>
/// <param name="Columns">The columns' positions; several for <see cref="FieldKind.Numbers"/> alone.</param>
/// <param name="Names">The columns' names.</param>
internal sealed record Field(FieldKind Kind, IReadOnlyList<int> Columns, IReadOnlyList<string> Names)
{
    /// <summary>Whether it is text.</summary>
    public bool IsText => Kind == FieldKind.Text;

    /// <summary>The columns, for messages: <c>'text'</c>, or <c>'x0'..'x99' (100 columns)</c>.</summary>
    public string Shown => Names.Count == 1
        ? $"'{Names[0]}'"
        : string.Create(CultureInfo.InvariantCulture, $"'{Names[0]}'..'{Names[^1]}' ({Names.Count} columns)");

    /// <summary>The columns as an option names them; by position where names would be taken apart.</summary>
    public string Option => Names.Count > 1 && Names.Any(name => name.Contains(',', StringComparison.Ordinal) || name.Contains("..", StringComparison.Ordinal) || name.Length == 0)
        ? string.Join(',', Columns.Select(column => column.ToString(CultureInfo.InvariantCulture)))
        : string.Join(',', Names);

    /// <summary>The text of the current row.</summary>
    public string ReadText(RowReader reader) => reader.Text(Columns[0]);

    /// <summary>The vector of the current row.</summary>
    /// <param name="reader">The file, at a row.</param>
    /// <param name="width">The width that earlier rows have; 0 before the first.</param>
    /// <exception cref="CommandException">A value is missing or not a finite number, or the width is another.</exception>
    public float[] ReadVector(RowReader reader, int width)
    {
        float[] vector = Kind switch
        {
            FieldKind.Vector => Finite(reader, reader.Vector(Columns[0])),
            FieldKind.Numbers => [.. Columns.Select(column => Number(reader, column))],
            _ => NumberArray.Parse(reader.Text(Columns[0]), out string? problem) ?? throw Bad(reader, Columns[0], problem!),
        };
        if (vector.Length == 0)
        {
            throw Bad(reader, Columns[0], "the vector is empty");
        }
        return width == 0 || vector.Length == width
            ? vector
            : throw Bad(reader, Columns[0], string.Create(CultureInfo.InvariantCulture, $"the vector has {vector.Length} values, but those before it have {width}"));
    }

    /// <summary>A number of the current row; NaN for an empty cell.</summary>
    /// <exception cref="CommandException">It is not a finite number.</exception>
    public static float ReadScore(RowReader reader, int column) => reader.Text(column).Length == 0 ? float.NaN : Number(reader, column);

    private static float Number(RowReader reader, int column)
    {
        string text = reader.Text(column);
        return text.Length == 0 ? throw Bad(reader, column, "the cell is empty")
            : NumberArray.TryNumber(text, out float number) ? number
            : throw Bad(reader, column, $"'{NumberArray.Shortened(text)}' is not a finite number");
    }

    private float[] Finite(RowReader reader, float[] vector)
    {
        int bad = Array.FindIndex(vector, value => !float.IsFinite(value));
        return bad < 0
            ? vector
            : throw Bad(reader, Columns[0], string.Create(CultureInfo.InvariantCulture, $"value {bad} (counted from 0) of the vector is {vector[bad]}, not a finite number"));
    }

    private static CommandException Bad(RowReader reader, int column, string what) =>
        new($"'{reader.Name}', {reader.Place}, column '{reader.Columns[column]}': {what}. Repair that row, or leave it out.");
}

/// <summary>How a field of a row becomes what the model takes.</summary>
internal enum FieldKind
{
    /// <summary>A text, as it is.</summary>
    Text,

    /// <summary>A column that the file says holds vectors.</summary>
    Vector,

    /// <summary>Several columns of one number each.</summary>
    Numbers,

    /// <summary>A text that lists numbers: <c>[1, 2.5, -3e-2]</c>.</summary>
    Array,
}

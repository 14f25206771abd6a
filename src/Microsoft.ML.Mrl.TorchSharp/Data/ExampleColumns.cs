using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>The columns of one view that examples are read from.</summary>
internal sealed class ExampleColumns
{
    private readonly string _parameterName;

    /// <param name="schema">The view's schema.</param>
    /// <param name="inputColumnName">The input column.</param>
    /// <param name="roles">The other columns.</param>
    /// <param name="parameterName">Where the view was given, for errors.</param>
    /// <param name="place">What row numbers count in, for errors.</param>
    /// <param name="areTexts">Whether the embedded columns are texts and not vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public ExampleColumns(
        DataViewSchema schema, string inputColumnName, RoleColumns roles, string parameterName, string place, bool areTexts = false)
    {
        _parameterName = parameterName;
        Place = place;
        Vectors = [.. roles.Vectors.Prepend((VectorRole.Anchor, inputColumnName)).Select(v => Find(v.Item1, v.Item2))];
        Label = roles.Label is null ? null : new NameColumnReader(schema, roles.Label, "label", parameterName);
        Score = roles.Score is null ? null : new NumberColumnReader(schema, roles.Score, "score", parameterName);

        foreach ((VectorRole role, DataViewSchema.Column column, int width) in Vectors)
        {
            if (role.IsEmbedded && width != Vectors[0].Width)
            {
                throw SchemaErrors.Mismatch(
                    parameterName, role.ToString(), column.Name, $"{Vectors[0].Column.Type} as in the input column '{inputColumnName}'",
                    column.Type.ToString()!);
            }
        }

        (VectorRole, DataViewSchema.Column, int) Find(VectorRole role, string name)
        {
            if (areTexts && role.IsEmbedded)
            {
                return (role, TextSchema.FindText(schema, name, role.ToString(), parameterName), 0);
            }
            DataViewSchema.Column column = SchemaErrors.Find(schema, name, role.ToString(), parameterName);
            return (role, column, SchemaErrors.EmbeddingWidth(column, role.ToString(), parameterName));
        }
    }

    /// <summary>What row numbers count in, for errors: empty, or <c> of validation</c>.</summary>
    public string Place { get; }

    /// <summary>The vector columns; the input is first. Texts have the width 0.</summary>
    public IReadOnlyList<(VectorRole Role, DataViewSchema.Column Column, int Width)> Vectors { get; }

    public NameColumnReader? Label { get; }

    public NumberColumnReader? Score { get; }

    /// <summary>All columns, to open a cursor with.</summary>
    public IEnumerable<DataViewSchema.Column> All
    {
        get
        {
            IEnumerable<DataViewSchema.Column> columns = Vectors.Select(v => v.Column);
            columns = Label is null ? columns : columns.Append(Label.Column);
            return Score is null ? columns : columns.Append(Score.Column);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">A vector is wider or narrower than in the training data.</exception>
    public void RequireWidthsOf(ExampleColumns training)
    {
        for (int i = 0; i < Vectors.Count; i++)
        {
            (VectorRole role, DataViewSchema.Column column, int width) = Vectors[i];
            if (width != training.Vectors[i].Width)
            {
                throw SchemaErrors.Mismatch(
                    _parameterName, role.ToString(), column.Name, $"{training.Vectors[i].Column.Type} as in the training data",
                    column.Type.ToString()!);
            }
        }
    }
}

using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Represents the data that the generated code is made from.</summary>
/// <param name="Name">The name of the project.</param>
/// <param name="Data">The rows.</param>
/// <param name="Request">The request.</param>
/// <param name="Result">The result of the training.</param>
/// <param name="DataPath">The path of the data set, for training anew.</param>
internal sealed record ProjectSource(ProjectName Name, TrainingData Data, TrainRequest Request, TrainResult Result, string DataPath)
{
    /// <summary>The first lines of every file.</summary>
    public const string Banner = """
        // Made by mrl train. The next training into this folder replaces it, so write code of your own in other files.
        #nullable enable
        """;

    public string Class => Name.Identifier;

    public TaskColumns Columns => Data.Columns;

    /// <summary>Gets the columns that the model was trained on.</summary>
    public LearnedColumns Learned => Columns.Learned(byEncoder: TunesEncoder);

    /// <summary>Gets a value indicating whether the encoder itself is trained.</summary>
    public bool TunesEncoder => Request.Tunes == TunedPart.Encoder;

    public ColumnRoles Roles => Data.Source.Roles;

    /// <summary>Gets the file of the rows that were held out to test with.</summary>
    public string HeldOutFile => Name.FileName + ".held-out.idv";

    /// <summary>Gets a value indicating whether the data set is a file of separated fields.</summary>
    public bool IsTextFile => Data.Source.TextFormat is not null;

    /// <summary>Gets a value indicating whether the data set is a Parquet file.</summary>
    public bool IsParquet => !IsTextFile && Path.GetExtension(DataPath).Equals(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the property of a class that holds an input, a positive or a negative.</summary>
    /// <param name="name">The name of the property and of its column.</param>
    /// <param name="field">The columns of the file that it is read from.</param>
    /// <param name="indent">The white space before it.</param>
    public string InputProperty(string name, Field field, string indent)
    {
        string attributes = $"{LoadColumn(field, indent)}{indent}[ColumnName(\"{name}\")]\n";
        return Columns.IsText
            ? $"{attributes}{indent}public string {name} {{ get; set; }} = \"\";"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{attributes}{indent}[VectorType({Data.Source.Width})]\n{indent}public float[] {name} {{ get; set; }} = [];");
    }

    /// <summary>Returns the property of the label or the score, with an empty line before it, or nothing where the task has none.</summary>
    /// <param name="indent">The white space before it.</param>
    public string TargetProperty(string indent)
    {
        if ((Roles.Label ?? Roles.Score) is not { } column)
        {
            return "";
        }
        string load = IsTextFile ? string.Create(CultureInfo.InvariantCulture, $"{indent}[LoadColumn({column})]\n") : "";
        string type = Roles.Label is null ? "float" : "string", value = Roles.Label is null ? "" : " = \"\";";
        return $"\n\n{load}{indent}[ColumnName(\"{Columns.Target}\")]\n{indent}public {type} {Columns.Target} {{ get; set; }}{value}";
    }

    // Cells that list numbers are texts in the file, and other formats have no positions.
    private string LoadColumn(Field field, string indent)
    {
        IReadOnlyList<int> columns = field.Columns;
        bool isRange = columns.Select((column, i) => column - i).Distinct().Count() == 1;
        return !IsTextFile || field.Kind == FieldKind.Array ? ""
            : columns.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"{indent}[LoadColumn({columns[0]})]\n")
            : isRange ? string.Create(CultureInfo.InvariantCulture, $"{indent}[LoadColumn({columns[0]}, {columns[^1]})]\n")
            : $"{indent}[LoadColumn(new[] {{ {CSharpLiteral.List(columns)} }})]\n";
    }
}

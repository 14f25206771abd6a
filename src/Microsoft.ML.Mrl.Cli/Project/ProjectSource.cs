using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>What generated code is made of.</summary>
/// <param name="Name">The names.</param>
/// <param name="Data">What was trained on.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Result">What came of it.</param>
/// <param name="DataPath">The data set's file, for training anew.</param>
internal sealed record ProjectSource(ProjectName Name, TrainingData Data, TrainRequest Request, TrainResult Result, string DataPath)
{
    /// <summary>The first lines of every file.</summary>
    public const string Banner = """
        // Made by mrl train, and made anew by the next training into this folder: write code of your own in other files.
        #nullable enable
        """;

    public string Class => Name.Identifier;

    public TaskColumns Columns => Data.Columns;

    /// <summary>The columns that were learned from.</summary>
    public LearnedColumns Learned => Columns.Learned(byEncoder: Request.Encoder is not null);

    public ColumnRoles Roles => Data.Source.Roles;

    /// <summary>Whether ML.NET's own text loader reads the file.</summary>
    public bool IsTextFile => Data.Source.Separator is not null;

    /// <summary>Whether it is a Parquet file.</summary>
    public bool IsParquet => !IsTextFile && Path.GetExtension(DataPath).Equals(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>The property of a class that holds an input, a positive or a negative.</summary>
    /// <param name="name">Its name, and its column's.</param>
    /// <param name="indent">White space before it.</param>
    public string InputProperty(string name, string indent) => Columns.IsText
        ? $"{indent}public string {name} {{ get; set; }} = \"\";"
        : string.Create(CultureInfo.InvariantCulture, $"{indent}[VectorType({Data.Source.Width})]\n{indent}public float[] {name} {{ get; set; }} = [];");
}

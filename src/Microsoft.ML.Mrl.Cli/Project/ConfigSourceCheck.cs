using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Options;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Finds settings of a file of rows that would have no effect, or mean something else than mrl does.</summary>
internal static class ConfigSourceCheck
{
    /// <summary>The kind of a file that ML.NET saved as text, with its schema.</summary>
    public const string SavedText = "SavedTextFile";

    private const string Tabular = "TabularFile", Numpy = "NumpyFile", Parquet = "ParquetFile";
    private const string Text = "String", Number = "Single", Vector = "Vector";

    private static readonly string[] s_purposes = ["Feature", "Label", "Score", "Positive", "Negative", "Ignore"];

    /// <summary>Returns the kind of file that an extension says. A text file may have been saved by ML.NET as well.</summary>
    public static string TypeOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".NPY" => Numpy,
        ".PARQUET" => Parquet,
        _ => Tabular,
    };

    /// <param name="path">The configuration.</param>
    /// <param name="key">The setting that holds the file.</param>
    /// <param name="source">The file of rows.</param>
    /// <param name="isMain">Whether its columns are those of all files.</param>
    /// <exception cref="Output.CommandException">A setting cannot be used.</exception>
    public static void Throw(string path, string key, ConfigDataSource source, bool isMain)
    {
        CheckFile(path, key, source);
        if (source.DecimalMarker is not ("." or ","))
        {
            throw ConfigJson.Wrong(path, $"'{key}.DecimalMarker' is '{source.DecimalMarker}'. Give \".\" or \",\".");
        }
        if (!string.IsNullOrEmpty(source.Delimiter) && OptionValues.SeparatorOf(source.Delimiter) is null)
        {
            throw ConfigJson.Wrong(
                path, $"'{key}.Delimiter' is '{source.Delimiter}'. Give one character, such as \",\" or \";\", or remove it.");
        }
        if (source.Type != Tabular)
        {
            string? unused = !string.IsNullOrEmpty(source.Delimiter) ? "Delimiter" : source.DecimalMarker != "." ? "DecimalMarker"
                : !source.HasHeader ? "HasHeader" : null;
            if (unused is not null)
            {
                throw ConfigJson.Wrong(
                    path, $"'{key}.{unused}' is set, but a {source.Type} says itself how it is written. Remove {unused}.");
            }
        }
        if (!isMain && source.ColumnProperties.Count > 0)
        {
            throw ConfigJson.Wrong(path, $"'{key}.ColumnProperties' is not read: the columns are those of DataSource. Remove it.");
        }
        foreach (ColumnProperty column in source.ColumnProperties)
        {
            CheckColumn(path, column);
        }
        CheckSides(path, source.ColumnProperties);
    }

    private static void CheckFile(string path, string key, ConfigDataSource source)
    {
        if (source.FilePath.Trim().Length == 0 || source.FilePath.Contains('\0'))
        {
            throw ConfigJson.Wrong(path, $"'{key}.FilePath' is not the name of a file. Give one, or remove {key}.");
        }
        if (source.Version != 1)
        {
            throw ConfigJson.Wrong(path, $"'{key}.Version' is {source.Version}. Give 1, or remove it.");
        }
        string expected = TypeOf(source.FilePath);
        if (source.Type != expected && !(source.Type == SavedText && expected == Tabular))
        {
            throw ConfigJson.Wrong(
                path, $"'{key}.Type' is '{source.Type}', but '{source.FilePath}' is read as a {expected}. Give {expected}, or remove "
                + "Type.");
        }
    }

    private static void CheckColumn(string path, ColumnProperty column)
    {
        if (!s_purposes.Contains(column.ColumnPurpose))
        {
            throw ConfigJson.Wrong(
                path,
                $"the ColumnPurpose of column '{column.ColumnName}' is '{column.ColumnPurpose}'. "
                + $"Choose one of {string.Join(", ", s_purposes)}.");
        }
        if (column.Type != "Column" || column.Version != 1)
        {
            throw ConfigJson.Wrong(
                path,
                $"the Type of column '{column.ColumnName}' is '{column.Type}', version {column.Version}. Give Column, version 1, or remove "
                + "both.");
        }
        string[] formats = column.ColumnPurpose switch
        {
            "Label" => [Text],
            "Score" => [Number],
            _ => [Text, Number, Vector],
        };
        if (column.ColumnDataFormat.Length > 0 && !formats.Contains(column.ColumnDataFormat))
        {
            throw ConfigJson.Wrong(
                path,
                $"the ColumnDataFormat of column '{column.ColumnName}' is '{column.ColumnDataFormat}', and a {column.ColumnPurpose} is "
                + $"read as {string.Join(" or ", formats)}. Change it, or remove it.");
        }
        bool isLabel = column.ColumnPurpose == "Label";
        if (column.ColumnPurpose != "Ignore" && column.IsCategorical is { } isCategorical && isCategorical != isLabel)
        {
            throw ConfigJson.Wrong(
                path,
                $"IsCategorical of column '{column.ColumnName}' is {(isCategorical ? "true" : "false")}, and "
                + $"{(isLabel ? "a label is the name of a class" : $"a {column.ColumnPurpose} is no name of a class")}. Remove it.");
        }
    }

    /// <summary>The other side of a pair is of the kind of the input.</summary>
    private static void CheckSides(string path, IReadOnlyList<ColumnProperty> columns)
    {
        ColumnProperty[] features = [.. columns.Where(column => column.ColumnPurpose == "Feature")];
        bool isText = features is [{ ColumnDataFormat: Text }];
        if (features.Length > 0 && columns.FirstOrDefault(column => column.ColumnPurpose is "Positive" or "Negative"
            && column.ColumnDataFormat.Length > 0 && (column.ColumnDataFormat == Text) != isText) is { } other)
        {
            throw ConfigJson.Wrong(
                path, $"the ColumnDataFormat of column '{other.ColumnName}' is '{other.ColumnDataFormat}', but the Feature is "
                + $"{(isText ? "a text" : "no text")}. Both sides of a pair are of one kind.");
        }
    }
}

using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that reads the data set.</summary>
internal static class LoadingCode
{
    private const string Signature = "public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath)";

    /// <summary>The method, of the kind that fits the file.</summary>
    public static string Write(ProjectSource source) =>
        source.IsParquet ? Parquet(source)
        : !source.IsTextFile ? Npy(source)
        : Fields(source).Any(field => field.Field.Kind == FieldKind.Array) ? Arrays(source)
        : Plain(source);

    private static IEnumerable<(string Name, Field Field)> Fields(ProjectSource source)
    {
        yield return (source.Columns.Input, source.Roles.Input);
        if (source.Roles.Positive is { } positive)
        {
            yield return (source.Columns.Positive!, positive);
        }
        if (source.Roles.Negative is { } negative)
        {
            yield return (source.Columns.Negative!, negative);
        }
    }

    private static string Plain(ProjectSource source) => $$"""
            /// <summary>Reads the columns that are learned from.</summary>
            {{Signature}} =>
                mlContext.Data.LoadFromTextFile(inputDataFilePath, {{Options(source, asTexts: false)}});
        """;

    // A vector in one cell comes as text and is taken apart here.
    private static string Arrays(ProjectSource source)
    {
        string target = source.Columns.Target is { } name ? $", {name} = row.{name}" : "";
        string targetProperty = source.Columns.Target switch
        {
            nameof(ExampleRow.Label) => "\n\n        public string Label { get; set; } = \"\";",
            nameof(ExampleRow.Score) => "\n\n        public float Score { get; set; }",
            _ => "",
        };
        return $$"""
                /// <summary>Reads the columns that are learned from; vectors are cells such as [0.1, -2, 3e-4].</summary>
                {{Signature}}
                {
                    IDataView texts = mlContext.Data.LoadFromTextFile(inputDataFilePath, {{Options(source, asTexts: true)}});
                    return LoadIDataView(mlContext, mlContext.Data.CreateEnumerable<FileRow>(texts, reuseRowObject: false).Select(row => new TrainingRow
                    {
                        {{string.Join(", ", Fields(source).Select(field => $"{field.Name} = ToVector(row.{field.Name})"))}}{{target}},
                    }).ToArray());
                }

                private sealed class FileRow
                {
            {{string.Join("\n\n", Fields(source).Select(field => $"        public string {field.Name} {{ get; set; }} = \"\";"))}}{{targetProperty}}
                }

                private static float[] ToVector(string cell) => cell.Trim().Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
                    .Select(value => float.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
            """;
    }

    // What numpy.save writes of float32 and float64 arrays, and what mrl embed writes.
    private static string Npy(ProjectSource source) => $$"""
            /// <summary>Reads an array [N, {{source.Data.Source.Width.ToString(CultureInfo.InvariantCulture)}}] of float32 or float64 in C order, as numpy.save writes it.</summary>
            {{Signature}} => LoadIDataView(mlContext, ReadNpy(inputDataFilePath).ToArray());

            private static IEnumerable<TrainingRow> ReadNpy(string path)
            {
                using var reader = new BinaryReader(File.OpenRead(path));
                byte[] start = reader.ReadBytes(8);
                int length = start is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0] ? reader.ReadUInt16()
                    : start is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 2 or 3, 0] ? reader.ReadInt32()
                    : throw new InvalidDataException($"'{path}' is not a .npy file.");
                string header = new string(reader.ReadChars(length));
                bool isDouble = header.Contains("'<f8'");
                if (!header.Contains("'fortran_order': False") || !(isDouble || header.Contains("'<f4'")) || !header.Contains(", {{source.Data.Source.Width.ToString(CultureInfo.InvariantCulture)}})"))
                {
                    throw new InvalidDataException($"'{path}' is not an array of float32 or float64 in C order with {{source.Data.Source.Width.ToString(CultureInfo.InvariantCulture)}} columns: {header}");
                }
                while (reader.BaseStream.Position < reader.BaseStream.Length)
                {
                    var row = new float[{{source.Data.Source.Width.ToString(CultureInfo.InvariantCulture)}}];
                    for (int i = 0; i < row.Length; i++)
                    {
                        row[i] = isDouble ? (float)reader.ReadDouble() : reader.ReadSingle();
                    }
                    yield return new TrainingRow { {{source.Columns.Input}} = row };
                }
            }
        """;

    // Rows in which something is missing are left out, as mrl train does.
    private static string Parquet(ProjectSource source)
    {
        IReadOnlyList<string> names = source.Data.Source.Columns;
        int? target = source.Roles.Label ?? source.Roles.Score;
        IEnumerable<int> needed = Fields(source).SelectMany(field => field.Field.Columns).Concat(target is { } one ? [one] : []);
        IEnumerable<string> values =
        [
            .. Fields(source).Select(field => $"{field.Name} = {Value(field.Field)}"),
            .. target is { } column ? [source.Roles.Label is null ? $"{source.Columns.Target} = ToVector(new[] {{ row[{Name(column)}] }})[0]" : $"{source.Columns.Target} = ToText(row[{Name(column)}])"] : Array.Empty<string>(),
        ];
        return $$"""
                /// <summary>Reads the columns that are learned from, in a Parquet file; rows in which one is missing are left out.</summary>
                {{Signature}}
                {
                    string[] columns = [{{string.Join(", ", needed.Distinct().Select(Name))}}];
                    using FileStream stream = File.OpenRead(inputDataFilePath);
                    IEnumerable<Dictionary<string, object>> rows = global::Parquet.Serialization.ParquetSerializer.DeserializeUntypedAsync(
                        stream, new global::Parquet.ParquetOptions { TreatByteArrayAsString = true }).GetAwaiter().GetResult().Data;
                    return LoadIDataView(mlContext, rows.Where(row => columns.All(column => row.GetValueOrDefault(column) is not null)).Select(row => new TrainingRow
                    {
                        {{string.Join($",{Environment.NewLine}                ", values)}},
                    }).ToArray());
                }

                private static string ToText(object value) =>
                    value is bool flag ? (flag ? "true" : "false") : (value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value.ToString() ?? "").Trim();

                private static float[] ToVector(System.Collections.IEnumerable values) => values.Cast<object>().Select(value => Convert.ToSingle(value, CultureInfo.InvariantCulture)).ToArray();
            """;

        string Name(int column) => CSharpLiteral.Text(names[column]);

        string Value(Field field) => field.Kind switch
        {
            FieldKind.Text => $"ToText(row[{Name(field.Columns[0])}])",
            FieldKind.Numbers => $"ToVector(new[] {{ {string.Join(", ", field.Columns.Select(column => $"row[{Name(column)}]"))} }})",
            FieldKind.Array => $"ToVector(ToText(row[{Name(field.Columns[0])}]).Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))",
            _ => $"ToVector((System.Collections.IEnumerable)row[{Name(field.Columns[0])}])",
        };
    }

    private static string Options(ProjectSource source, bool asTexts)
    {
        string[] columns =
        [
            .. Fields(source).Select(field => Column(field.Name, field.Field, asTexts)),
            .. (source.Roles.Label ?? source.Roles.Score) is { } target
                ? [string.Create(CultureInfo.InvariantCulture, $"new TextLoader.Column(\"{source.Columns.Target}\", DataKind.{(source.Roles.Label is null ? "Single" : "String")}, {target})")]
                : Array.Empty<string>(),
        ];
        return $$"""
            new TextLoader.Options
                    {
                        Columns =
                        [
                            {{string.Join(",\n                ", columns)}},
                        ],
                        Separators = [{{CSharpLiteral.Character(source.Data.Source.Separator!.Value)}}],
                        HasHeader = {{CSharpLiteral.Bool(source.Data.Source.HasHeader)}},
                        AllowQuoting = true,
                        ReadMultilines = true,
                        TrimWhitespace = true,
                    }
            """;
    }

    private static string Column(string name, Field field, bool asTexts)
    {
        string kind = field.IsText || asTexts ? "String" : "Single";
        return field.Kind == FieldKind.Numbers
            ? $"new TextLoader.Column(\"{name}\", DataKind.{kind}, [{string.Join(", ", Ranges(field.Columns))}])"
            : string.Create(CultureInfo.InvariantCulture, $"new TextLoader.Column(\"{name}\", DataKind.{kind}, {field.Columns[0]})");
    }

    private static IEnumerable<string> Ranges(IReadOnlyList<int> columns)
    {
        for (int first = 0; first < columns.Count;)
        {
            int last = first;
            while (last + 1 < columns.Count && columns[last + 1] == columns[last] + 1)
            {
                last++;
            }
            yield return string.Create(CultureInfo.InvariantCulture, $"new TextLoader.Range({columns[first]}, {columns[last]})");
            first = last + 1;
        }
    }
}

using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that reads the data set.</summary>
internal static class LoadingCode
{
    private const string Signature = "public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath)";

    /// <summary>Returns the method that fits the format of the file.</summary>
    public static string Write(ProjectSource source) =>
        source.Data.Source.IsSavedText ? SavedText(source)
        : source.IsParquet ? Parquet(source)
        : !source.IsTextFile ? Npy(source)
        : Fields(source).Any(field => field.Field.Kind == FieldKind.Array) ? Arrays(source)
        : Plain(source);

    /// <summary>Returns the input, the positive and the negative, as far as the task has them.</summary>
    public static IEnumerable<(string Name, Field Field)> Fields(ProjectSource source)
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
            /// <summary>Reads the columns that the model is trained on.</summary>
            {{Signature}} =>
                mlContext.Data.LoadFromTextFile<TrainingRow>(inputDataFilePath, {{Options(source)}});
        """;

    // The schema is in the file. The columns get the names that the training expects.
    private static string SavedText(ProjectSource source)
    {
        IReadOnlyList<string> names = source.Data.Source.Columns;
        int? target = source.Roles.Label ?? source.Roles.Score;
        var lines = new List<string>();
        foreach ((string name, Field field) in Fields(source))
        {
            string[] columns = [.. field.Columns.Select(column => CSharpLiteral.Text(names[column]))];
            if (field.Kind == FieldKind.Numbers)
            {
                lines.Add(
                    Step($"Conversion.ConvertType([{string.Join(", ", columns.Select(column => $"new({column}, {column})"))}], "
                        + $"DataKind.Single)"));
                lines.Add(Step($"Concatenate(\"{name}\", {string.Join(", ", columns)})"));
            }
            else
            {
                lines.Add(Step($"CopyColumns(\"{name}\", {columns[0]})"));
            }
        }
        if (target is { } one)
        {
            string kind = source.Roles.Label is null ? "Single" : "String";
            lines.Add(Step($"Conversion.ConvertType(\"{source.Columns.Target}\", {CSharpLiteral.Text(names[one])}, DataKind.{kind})"));
        }
        return $$"""
                /// <summary>Reads the columns that the model is trained on, in a text file that ML.NET saved with its schema.</summary>
                {{Signature}}
                {
                    // The file does not say that its rows may be sparse and its texts quoted.
                    string schema = Path.GetTempFileName();
                    string[] lines = File.ReadLines(inputDataFilePath).TakeWhile(line => line.StartsWith("#@", StringComparison.Ordinal)).ToArray();
                    File.WriteAllLines(schema, lines.Take(1).Concat(new[] { "#@   sparse+", "#@   quote+" }).Concat(lines.Skip(1)));
                    TextLoader loader = mlContext.Data.CreateTextLoader(new TextLoader.Options(), new MultiFileSource(schema));
                    IDataView data = loader.Load(new MultiFileSource(inputDataFilePath));
                    File.Delete(schema);
            {{string.Join("\n", lines)}}
                    return data;
                }
            """;

        static string Step(string transform) => $"        data = mlContext.Transforms.{transform}.Fit(data).Transform(data);";
    }

    // A vector in one cell comes as text and is taken apart here.
    private static string Arrays(ProjectSource source)
    {
        string target = source.Columns.Target is { } name ? $", {name} = row.{name}" : "";
        bool hasCommas = source.Data.Source.TextFormat!.DecimalMarker == TextFormat.Comma;
        string separators = hasCommas ? "[';', ' ']" : "[',', ' ']", point = hasCommas ? ".Replace(',', '.')" : "";
        return $$"""
                /// <summary>Reads the columns that the model is trained on; vectors are cells such as [0.1, -2, 3e-4].</summary>
                {{Signature}}
                {
                    IDataView texts = mlContext.Data.LoadFromTextFile<FileRow>(inputDataFilePath, {{Options(source)}});
                    return LoadIDataView(mlContext, mlContext.Data.CreateEnumerable<FileRow>(texts, reuseRowObject: false).Select(row => new TrainingRow
                    {
                        {{string.Join(", ", Fields(source).Select(field => $"{field.Name} = ToVector(row.{field.Name})"))}}{{target}},
                    }).ToArray());
                }

                private sealed class FileRow
                {
            {{string.Join("\n\n", Fields(source).Select(FileProperty))}}{{source.TargetProperty("        ")}}
                }

                private static float[] ToVector(string cell) => cell.Trim().Trim('[', ']').Split({{separators}}, StringSplitOptions.RemoveEmptyEntries)
                    .Select(value => float.Parse(value{{point}}, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
            """;

        static string FileProperty((string Name, Field Field) field) => string.Create(
            CultureInfo.InvariantCulture,
            $"        [LoadColumn({field.Field.Columns[0]})]\n        public string {field.Name} {{ get; set; }} = \"\";");
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
            .. target is { } column ? [source.Roles.Label is null
                ? $"{source.Columns.Target} = ToVector(new[] {{ row[{Name(column)}] }})[0]"
                    : $"{source.Columns.Target} = ToText(row[{Name(column)}])"] : Array.Empty<string>(),
        ];
        return $$"""
                /// <summary>Reads the columns that the model is trained on, in a Parquet file; rows in which one is missing are left out.</summary>
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
            FieldKind.Array =>
                $"ToVector(ToText(row[{Name(field.Columns[0])}]).Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))",
            _ => $"ToVector((System.Collections.IEnumerable)row[{Name(field.Columns[0])}])",
        };
    }

    private static string Options(ProjectSource source)
    {
        TextFormat format = source.Data.Source.TextFormat!;
        string marker = format.DecimalMarker == TextFormat.Point ? ""
            : $"\n            DecimalMarker = {CSharpLiteral.Character(format.DecimalMarker)},";
        return $$"""
            new TextLoader.Options
                    {
                        Separators = [{{CSharpLiteral.Character(format.Separator!.Value)}}],{{marker}}
                        HasHeader = {{CSharpLiteral.Bool(format.HasHeader)}},
                        AllowQuoting = true,
                        ReadMultilines = true,
                        TrimWhitespace = true,
                    }
            """;
    }
}

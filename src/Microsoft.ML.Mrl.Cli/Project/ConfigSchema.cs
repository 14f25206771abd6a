using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>
/// Defines the keys of a training configuration and the kinds of their values. An unknown key is refused by name, so that no setting is
/// ignored.
/// </summary>
internal static class ConfigSchema
{
    private static readonly Section s_column = new(
        ("ColumnName", Kind.Text), ("ColumnPurpose", Kind.Text), ("ColumnDataFormat", Kind.Text), ("IsCategorical", Kind.OptionalFlag),
        ("Type", Kind.Text), ("Version", Kind.Number));

    private static readonly Section s_dataSource = new(
        ("Type", Kind.Text), ("Version", Kind.Number), ("FilePath", Kind.Text), ("Delimiter", Kind.OptionalText), (
            "DecimalMarker", Kind.Text),
        ("HasHeader", Kind.Flag))
    {
        Lists = { ["ColumnProperties"] = s_column },
    };

    private static readonly Section s_root = new(("Scenario", Kind.Text), ("Type", Kind.Text), ("Version", Kind.Number))
    {
        Sections =
        {
            ["DataSource"] = s_dataSource,
            ["ValidationDataSource"] = s_dataSource,
            ["TestDataSource"] = s_dataSource,
            ["Environment"] = new Section(("Type", Kind.Text), ("Version", Kind.Number)),
            ["TrainingOption"] = new Section(
                ("Type", Kind.Text), ("Version", Kind.Number), ("Task", Kind.OptionalText), ("Encoder", Kind.OptionalText),
                ("Pooling", Kind.OptionalText), ("Tune", Kind.OptionalText), ("TextFeatures", Kind.OptionalFlag),
                ("LearningRate", Kind.OptionalReal),
                ("BatchSize", Kind.OptionalNumber), ("Head", Kind.OptionalText), ("Dimensions", Kind.Numbers),
                ("Epochs", Kind.OptionalNumber), ("Seed", Kind.Number), ("TrainingTime", Kind.OptionalReal)),
        },
        // What came of an earlier training is not read.
        Ignored = { "RunHistory" },
    };

    private enum Kind
    {
        Text,
        OptionalText,
        Flag,
        OptionalFlag,
        Number,
        OptionalNumber,
        OptionalReal,
        Numbers,
    }

    /// <summary>Checks the keys and the kinds of values of a configuration.</summary>
    /// <exception cref="CommandException">A key is not known, or its value is of another kind.</exception>
    public static void Check(JsonElement root, string path) => Check(root, s_root, "", path);

    private static void Check(JsonElement element, Section section, string prefix, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path, prefix.TrimEnd('.'), $"is {Shown(element)}", "an object of settings");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string key = prefix + property.Name;
            if (!seen.Add(property.Name))
            {
                throw new CommandException($"Cannot use --training-config '{path}': '{key}' stands there twice. Remove one of the two.");
            }
            if (section.Ignored.Contains(property.Name))
            {
                continue;
            }
            if (section.Sections.TryGetValue(property.Name, out Section? inner))
            {
                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    Check(property.Value, inner, key + ".", path);
                }
            }
            else if (section.Lists.TryGetValue(property.Name, out Section? item))
            {
                CheckList(property.Value, item, key, path);
            }
            else if (section.Values.TryGetValue(property.Name, out Kind kind))
            {
                CheckValue(property.Value, kind, key, path);
            }
            else
            {
                throw new CommandException(
                    $"Cannot use --training-config '{path}': '{key}' is not a setting that mrl reads. Remove it. "
                    + $"The settings {(prefix.Length == 0 ? "at that place" : $"of {prefix.TrimEnd('.')}")} "
                    + $"are {string.Join(", ", section.Names)}.");
            }
        }
    }

    private static void CheckList(JsonElement element, Section item, string key, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(path, key, $"is {Shown(element)}", "a list of objects");
        }
        int index = 0;
        foreach (JsonElement entry in element.EnumerateArray())
        {
            Check(entry, item, string.Create(CultureInfo.InvariantCulture, $"{key}[{index++}]."), path);
        }
    }

    private static void CheckValue(JsonElement value, Kind kind, string key, string path)
    {
        bool isNull = value.ValueKind == JsonValueKind.Null;
        (bool isRight, string wanted) = kind switch
        {
            Kind.Text => (value.ValueKind == JsonValueKind.String, "a text in quotes"),
            Kind.OptionalText => (isNull || value.ValueKind == JsonValueKind.String, "a text in quotes"),
            Kind.Flag => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
            Kind.OptionalFlag => (isNull || value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
            Kind.Number => (IsWhole(value), "a whole number"),
            Kind.OptionalNumber => (isNull || IsWhole(value), "a whole number"),
            Kind.OptionalReal => (isNull || (value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())), "a number"),
            _ => (isNull || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsWhole)), "a list of whole numbers"),
        };
        if (!isRight)
        {
            throw Wrong(path, key, $"is {Shown(value)}", wanted);
        }
    }

    private static bool IsWhole(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _);

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: <= 40 } text ? text : value.GetRawText()[..40] + "…";

    private static CommandException Wrong(string path, string key, string what, string wanted) =>
        new($"Cannot use --training-config '{path}': {(key.Length == 0 ? "it" : $"'{key}'")} {what}. Give {wanted}.");

    /// <summary>Represents the keys of an object.</summary>
    private sealed class Section(params (string Name, Kind Kind)[] values)
    {
        public Dictionary<string, Kind> Values { get; } = values.ToDictionary(
            value => value.Name, value => value.Kind, StringComparer.Ordinal);

        public Dictionary<string, Section> Sections { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Section> Lists { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Ignored { get; } = new(StringComparer.Ordinal);

        public IEnumerable<string> Names => Values.Keys.Concat(Sections.Keys).Concat(Lists.Keys).Concat(Ignored);
    }
}

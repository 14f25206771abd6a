using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>Notebooks in Jupyter's format, nbformat 4.5, for the C# kernel of .NET Interactive.</summary>
internal static class NotebookFile
{
    public static string PathOf(string name) => Path.Combine(NotebookProgram.Folder, name + ".ipynb");

    public static JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();

    /// <summary>The whole file's text.</summary>
    public static string Write(NotebookCell[] cells, JsonArray[] outputs)
    {
        int count = 0;
        var notebook = new JsonObject
        {
            ["cells"] = new JsonArray([.. cells.Select((cell, i) => Cell(cell, i, outputs[i], cell.IsCode ? ++count : 0))]),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" },
                ["language_info"] =
                    new JsonObject { ["file_extension"] = ".cs", ["mimetype"] = "text/x-csharp", ["name"] = "C#",
                    ["pygments_lexer"] = "csharp" },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, IndentSize = 1, NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            notebook.WriteTo(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>What a cell printed.</summary>
    public static JsonObject Stream(string text) => new() { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = Lines(text) };

    /// <summary>The value of a cell's last expression, by media type.</summary>
    public static JsonObject Result(IReadOnlyDictionary<string, string> shown, int count) => new()
    {
        ["data"] = new JsonObject(shown.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Lines(pair.Value)))),
        ["execution_count"] = count,
        ["metadata"] = new JsonObject(),
        ["output_type"] = "execute_result",
    };

    /// <summary>The text that is kept as a list of lines.</summary>
    public static string Text(JsonNode? lines) => string.Concat(lines!.AsArray().Select(line => (string)line!));

    private static JsonObject Cell(NotebookCell cell, int index, JsonArray outputs, int count)
    {
        var json = new JsonObject { ["cell_type"] = cell.IsCode ? "code" : "markdown" };
        if (cell.IsCode)
        {
            json["execution_count"] = count;
        }
        json["id"] = $"cell-{index + 1}";
        json["metadata"] = new JsonObject();
        if (cell.IsCode)
        {
            json["outputs"] = outputs;
        }
        json["source"] = Lines(cell.Source);
        return json;
    }

    private static JsonArray Lines(string text)
    {
        string[] lines = text.Split('\n');
        IEnumerable<string> ended = lines.Select((line, i) => i < lines.Length - 1 ? line + "\n" : line).Where(line => line.Length > 0);
        return new JsonArray([.. ended.Select(line => JsonValue.Create(line))]);
    }
}

#:property PublishAot=false
#:property NuGetAudit=false

// Executes notebooks by the JSON commands of `dotnet-interactive stdio`, a cell at a time, and compares what is shown with what is saved.
// usage: dotnet run run-notebooks.cs -- CLONE FOLDER VERSION [NAME...]
// CLONE has the tool manifest, FOLDER the notebooks, and VERSION is that of the packages in FOLDER/../bin/packages.
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

const string Printed = "printed ";
TimeSpan limit = TimeSpan.FromMinutes(20);
string clone = args[0], folder = args[1], version = args[2];
string[] names = args.Length > 3 ? args[3..] : [.. Directory.GetFiles(folder, "*.ipynb").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];
int failures = 0;
foreach (string name in names)
{
    var clock = Stopwatch.StartNew();
    string? problem = await RunAsync(Path.Combine(folder, name + ".ipynb"));
    Console.WriteLine($"{name}: {problem ?? "ok"} ({clock.Elapsed.TotalSeconds:0} s)");
    failures += problem is null ? 0 : 1;
}
return failures == 0 ? 0 : 1;

async Task<string?> RunAsync(string path)
{
    var start = new ProcessStartInfo("dotnet", ["tool", "run", "dotnet-interactive", "--", "stdio", "--working-dir", folder])
    {
        WorkingDirectory = clone,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
    using Process kernel = Process.Start(start)!;
    kernel.ErrorDataReceived += (_, _) => { };
    kernel.BeginErrorReadLine();
    try
    {
        int token = 0;
        foreach (JsonNode? cell in JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray())
        {
            if ((string)cell!["cell_type"]! != "code")
            {
                continue;
            }
            // Packages of a version of their own, since NuGet never unpacks a version twice.
            string source = Text(cell["source"]!).Replace(", 0.1.0\\\"", $", {version}\\\"", StringComparison.Ordinal);
            var shown = new List<string>();
            string? problem = await ExecuteAsync(kernel, source, $"cell{token++}", shown).WaitAsync(limit);
            if (problem is not null)
            {
                return $"cell {token} failed: {problem}\n{source}";
            }
            string wanted = Words(cell["outputs"]!.AsArray().Select(Saved)), found = Words(shown);
            // The cell of the packages shows what NuGet did.
            if (token > 1 && wanted != found)
            {
                return $"cell {token} shows\n{found}\nand this is saved:\n{wanted}\n{source}";
            }
        }
        return null;
    }
    catch (TimeoutException)
    {
        return $"a cell took more than {limit.TotalMinutes:0} minutes";
    }
    finally
    {
        kernel.Kill(entireProcessTree: true);
    }
}

async Task<string?> ExecuteAsync(Process kernel, string code, string token, List<string> shown)
{
    var command = new JsonObject
    {
        ["commandType"] = "SubmitCode",
        ["command"] = new JsonObject { ["code"] = code, ["targetKernelName"] = "csharp" },
        ["token"] = token,
    };
    await kernel.StandardInput.WriteLineAsync(command.ToJsonString());
    await kernel.StandardInput.FlushAsync();
    while (await kernel.StandardOutput.ReadLineAsync() is { } line)
    {
        JsonNode? message;
        try
        {
            message = JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            continue;
        }
        string? type = (string?)message?["eventType"], of = (string?)message?["command"]?["token"];
        if (type is "StandardOutputValueProduced" or "ReturnValueProduced" or "DisplayedValueProduced" && of == token)
        {
            JsonArray values = message!["event"]!["formattedValues"]!.AsArray();
            JsonNode value = values.FirstOrDefault(one => (string?)one!["mimeType"] == "text/html") ?? values[0]!;
            shown.Add((type == "StandardOutputValueProduced" ? Printed : "") + (string)value["value"]!);
        }
        else if (of == token && type is "CommandSucceeded" or "CommandFailed" && of == token)
        {
            return type == "CommandFailed" ? (string?)message!["event"]!["message"] : null;
        }
    }
    return "the kernel ended";
}

static string Text(JsonNode lines) => string.Concat(lines.AsArray().Select(line => (string)line!));

static string Saved(JsonNode? output) => (string)output!["output_type"]! == "stream"
    ? Printed + Text(output["text"]!)
    : Text(output["data"]!["text/html"] ?? output["data"]!["text/plain"]!);

// What does not depend on the machine: of what is printed the words, with a mark for each number, and of pages the charts and tables.
static string Words(IEnumerable<string> outputs)
{
    ILookup<bool, string> texts = outputs.ToLookup(text => text.StartsWith(Printed, StringComparison.Ordinal));
    string printed = string.Concat(texts[true].Select(text => text[Printed.Length..])), pages = string.Concat(texts[false]);
    string words = Regex.Replace(Regex.Replace(printed, @"[-−+]?\d[\d,.]*", "#"), @"\s+", " ").Trim();
    IEnumerable<string> headings = Regex.Matches(pages, "<th[^>]*>(.*?)</th>", RegexOptions.Singleline)
        .Select(match => Regex.Replace(match.Groups[1].Value, "<[^>]*>|[0-9]", "")).Distinct().Order(StringComparer.Ordinal);
    return $"“{words}”, {Regex.Count(pages, "<svg class=\"chart\"")} charts and {Regex.Count(pages, "<tr")} table rows under {string.Join(", ", headings)}";
}

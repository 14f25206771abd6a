using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.Mrl.Tests.TorchSharp;

namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>
/// The notebooks are the programs beside them, and both work. With the environment variable <c>MRL_WRITE_NOTEBOOKS</c> set to 1, the
/// notebooks are made anew from the programs and what they print here.
/// </summary>
[Collection(TorchCollection.Name)]
public sealed partial class NotebookTests
{
    public static TheoryData<string> All => [.. NotebookProgram.Names];

    [Fact]
    public void Programs_AreSix() => Assert.Equal(
        ["adapt-an-onnx-encoder", "choose-a-dimension", "nested-digits", "search-with-a-short-list", "short-image-features",
            "train-and-truncate"], NotebookProgram.Names);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Notebook_Executed_ShowsWhatIsSaved(string name)
    {
        NotebookCell[] cells = NotebookProgram.Cells(NotebookProgram.Read(name));
        JsonArray[] outputs = await NotebookRun.OutputsAsync(
            cells, NotebookProgram.PackagesNamed(name), TestContext.Current.CancellationToken);
        Assert.Contains(outputs.SelectMany(list => list), output => output!["data"]?["text/html"] is not null);
        string[] shapes = [.. outputs.Select(Shape)];
        if (Environment.GetEnvironmentVariable("MRL_WRITE_NOTEBOOKS") == "1")
        {
            File.WriteAllText(NotebookFile.PathOf(name), NotebookFile.Write(cells, outputs));
        }

        JsonArray saved = NotebookFile.Read(name)["cells"]!.AsArray();

        Assert.Equal(
            cells, saved.Select(cell => new NotebookCell((string)cell!["cell_type"]! == "code", NotebookFile.Text(cell["source"]))));
        Assert.Equal(shapes, saved.Select(cell => Shape(cell!["outputs"]?.AsArray() ?? [])));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Notebook_Saved_IsNbformat45(string name)
    {
        JsonObject notebook = NotebookFile.Read(name);
        Assert.Equal(4, (int)notebook["nbformat"]!);
        Assert.Equal(5, (int)notebook["nbformat_minor"]!);
        Assert.Equal(".net-csharp", (string?)notebook["metadata"]!["kernelspec"]!["name"]);
        Assert.Equal("C#", (string?)notebook["metadata"]!["language_info"]!["name"]);
        JsonObject[] cells = [.. notebook["cells"]!.AsArray().Select(cell => cell!.AsObject())];
        Assert.Equal(cells.Length, cells.Select(cell => (string)cell["id"]!).Distinct().Count());
        int count = 0;
        foreach (JsonObject cell in cells)
        {
            Assert.Matches("^[a-zA-Z0-9-_]{1,64}$", (string)cell["id"]!);
            Assert.NotNull(cell["metadata"]!.AsObject());
            Assert.All(cell["source"]!.AsArray().SkipLast(1), line => Assert.EndsWith("\n", (string)line!, StringComparison.Ordinal));
            bool isCode = (string)cell["cell_type"]! == "code";
            Assert.True(isCode || (string)cell["cell_type"]! == "markdown");
            Assert.Equal(
                isCode ? ["cell_type", "execution_count", "id", "metadata", "outputs", "source"]
                : ["cell_type", "id", "metadata", "source"], cell.Select(pair => pair.Key).Order(StringComparer.Ordinal));
            if (!isCode)
            {
                continue;
            }
            Assert.Equal(++count, (int)cell["execution_count"]!);
            foreach (JsonObject output in cell["outputs"]!.AsArray().Select(output => output!.AsObject()))
            {
                Assert.Equal(
                    (string)output["output_type"]! == "stream" ? ["name", "output_type", "text"]
                        : ["data", "execution_count", "metadata", "output_type"],
                    output.Select(pair => pair.Key).Order(StringComparer.Ordinal));
                Assert.Equal((string)output["output_type"]! == "stream" ? null : count, (int?)output["execution_count"]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Program_AsAFile_Compiles(string name)
    {
        string usings = string.Concat(
            ((string[])["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
            "System.Threading.Tasks"]).Select(space => $"global using {space};\n"));
        CSharpParseOptions options = CSharpParseOptions.Default.WithFeatures([KeyValuePair.Create("FileBasedProgram", "true")]);
        CSharpCompilation program = CSharpCompilation.Create(
            "program",
            [CSharpSyntaxTree.ParseText(NotebookProgram.Read(name), options), CSharpSyntaxTree.ParseText(usings, options)],
            NotebookRun.Assemblies(NotebookProgram.PackagesNamed(name))
                .Select(assembly => MetadataReference.CreateFromFile(assembly.Location)),
            // CS1701 and CS1702 are silenced by the SDK too: packages were built against older versions of the framework.
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
                .WithSpecificDiagnosticOptions(
                    [KeyValuePair.Create("CS1701", ReportDiagnostic.Suppress), KeyValuePair.Create("CS1702", ReportDiagnostic.Suppress)]));
        Assert.Empty(
            program.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Cells_LinesForOneSideOnly_AreOnThatSide()
    {
        NotebookCell[] cells = NotebookProgram.Cells("""
            #:property PublishAot=false
            #:project ../src/A/A.csproj
            #:package TorchSharp-cpu

            // %% [markdown]
            // # Title
            //
            // Text

            // %%
            int a = 1;

            Console.WriteLine(a); //>
                Console.WriteLine(a); //> a
            """);
        Assert.Equal(new NotebookCell(false, "# Title\n\nText"), cells[0]);
        Assert.Contains("#r \\\"nuget: A, 0.1.0\\\"", cells[2].Source, StringComparison.Ordinal);
        Assert.Contains("#r \\\"nuget: TorchSharp-cpu, 0.107.0\\\"", cells[2].Source, StringComparison.Ordinal);
        Assert.Equal(new NotebookCell(true, "int a = 1;\n\n    a"), cells[3]);
    }

    [Fact]
    public async Task OutputsAsync_CellThatFails_Fails()
    {
        NotebookCell[] cells = [new(true, ""), new(true, "int[] none = [];"), new(true, "none[1].ToString()")];
        await Assert.ThrowsAsync<IndexOutOfRangeException>(
            () => NotebookRun.OutputsAsync(cells, [], TestContext.Current.CancellationToken));
    }

    /// <summary>What does not depend on the machine: media types, lines, charts and table rows.</summary>
    private static string Shape(JsonArray outputs) => string.Join("; ", outputs.Select(output => output!["data"] is { } data
        ? string.Join(", ", data.AsObject().Select(pair => $"{pair.Key} {Tags().Count(NotebookFile.Text(pair.Value))}"))
        : $"{output["text"]!.AsArray().Count} lines"));

    [GeneratedRegex("<svg class=\"chart\"|<tr")]
    private static partial Regex Tags();
}

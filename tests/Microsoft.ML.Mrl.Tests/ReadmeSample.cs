using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Microsoft.ML.Mrl.Tests;

/// <summary>The sample of a package's README, compiled as the body of a method and run.</summary>
internal sealed class ReadmeSample
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Numerics.Tensors; using System.Threading.Tasks; "
        + "using Microsoft.ML; using Microsoft.ML.Data; using Microsoft.ML.Mrl;";

    private ReadmeSample(string code, string shown) => (Code, Shown) = (code, shown);

    /// <summary>The code, which a test may change to name its own files and places.</summary>
    public string Code { get; set; }

    /// <summary>What the README says that the code prints.</summary>
    public string Shown { get; }

    /// <summary>Reads the first block of C# and the first of plain text.</summary>
    public static ReadmeSample Read(string project)
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "src", project, "README.md"));
        Assert.InRange(readme.Split('\n').Length, 1, 81);
        return new ReadmeSample(Block("csharp"), Block("text"));

        string Block(string language) => Regex.Match(readme, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
    }

    /// <summary>Compiles and runs the code, and compares what it prints with what the README shows.</summary>
    /// <param name="usings">The namespaces it needs besides those of .NET and ML.NET.</param>
    /// <param name="before">What stands before it, which may use the values.</param>
    /// <param name="values">The values that it sees, by name.</param>
    public async Task RunAsync(string usings, string before, params (string Name, object Value)[] values)
    {
        int types = Code.IndexOf("\nclass ", StringComparison.Ordinal);
        string body = (types < 0 ? Code : Code[..types]).Replace("Console.WriteLine(", "Output.WriteLine(", StringComparison.Ordinal);
        string parameters = string.Join(' ', values.Select((v, i) => $"var {v.Name} = ({TypeName(v.Value.GetType())})Values[{i}];"));
        string source = $$"""
            {{Usings}} {{usings}}
            public static class Sample
            {
                public static async Task RunAsync(object[] Values, TextWriter Output)
                {
                    {{parameters}} {{before}}
                    {{body}}
                }
            }
            {{(types < 0 ? "" : "public " + Code[types..].Trim())}}
            """;
        string[] assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Sample{Guid.NewGuid():N}", [CSharpSyntaxTree.ParseText(source)], assemblies.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        EmitResult result = compilation.Emit(image);
        Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        Assembly assembly = AssemblyLoadContext.Default.LoadFromStream(image);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        await (Task)assembly.GetType("Sample")!.GetMethod("RunAsync")!.Invoke(null, [values.Select(v => v.Value).ToArray(), output])!;
        Assert.Equal(Shown.ReplaceLineEndings(), output.ToString().ReplaceLineEndings());
    }

    private static string TypeName(Type type) => type.IsArray ? $"{TypeName(type.GetElementType()!)}[]"
        : typeof(IDataView).IsAssignableFrom(type) ? nameof(IDataView)
        : type.FullName!;
}

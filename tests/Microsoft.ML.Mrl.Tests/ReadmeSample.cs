using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Microsoft.ML.Mrl.Tests;

/// <summary>Samples of READMEs, compiled and run: as programs, or as the body of a method that is given values.</summary>
internal sealed class ReadmeSample
{
    /// <summary>What the SDK imports into every file of a project.</summary>
    private const string ImplicitUsings =
        "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading.Tasks;";

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
        return new ReadmeSample(Block(readme, "csharp"), Block(readme, "text"));
    }

    /// <summary>The first block of a language in a README.</summary>
    public static string Block(string readme, string language)
    {
        Match match = Regex.Match(readme, $"```{language}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(match.Success, $"The README has no {language} block.");
        return match.Groups[1].Value;
    }

    /// <summary>Compiles a program of top-level statements, runs it, and returns what it prints.</summary>
    public static string RunProgram(string code)
    {
        const string implicitUsings =
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;\n";
        Assembly assembly = Compile(
            OutputKind.ConsoleApplication,
            implicitUsings + code.Replace("Console.WriteLine(", "Shown.Output.WriteLine(", StringComparison.Ordinal),
            "public static class Shown { public static System.IO.StringWriter Output { get; } = new(System.Globalization.CultureInfo.InvariantCulture); }");
        assembly.EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        return assembly.GetType("Shown")!.GetProperty("Output")!.GetValue(null)!.ToString()!;
    }

    /// <summary>Compiles and runs the code, and compares what it prints with what the README shows.</summary>
    /// <param name="usings">The namespaces of what the test gives it.</param>
    /// <param name="before">What stands before it, which may use the values.</param>
    /// <param name="values">The values that it sees, by name.</param>
    public async Task RunAsync(string usings, string before, params (string Name, object Value)[] values)
    {
        Match own = Regex.Match(Code, "^(using [A-Za-z.]+;\n)*");
        int types = Code.IndexOf("\nclass ", StringComparison.Ordinal);
        string body = Code[own.Length..(types < 0 ? Code.Length : types)].Replace("Console.WriteLine(", "Output.WriteLine(", StringComparison.Ordinal);
        string parameters = string.Join(' ', values.Select((v, i) => $"var {v.Name} = ({TypeName(v.Value.GetType())})Values[{i}];"));
        string source = $$"""
            {{ImplicitUsings}} {{own.Value}} {{usings}}
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
        Assembly assembly = Compile(OutputKind.DynamicallyLinkedLibrary, source);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        await (Task)assembly.GetType("Sample")!.GetMethod("RunAsync")!.Invoke(null, [values.Select(v => v.Value).ToArray(), output])!;
        Assert.Equal(Shown.ReplaceLineEndings(), output.ToString().ReplaceLineEndings());
    }

    private static Assembly Compile(OutputKind kind, params string[] sources)
    {
        string[] assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Sample{Guid.NewGuid():N}", sources.Select(source => CSharpSyntaxTree.ParseText(source)),
            assemblies.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Annotations));
        using var image = new MemoryStream();
        EmitResult result = compilation.Emit(image);
        Assert.True(
            result.Success, string.Join(Environment.NewLine, result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }

    private static string TypeName(Type type) => type.IsArray ? $"{TypeName(type.GetElementType()!)}[]"
        : typeof(IDataView).IsAssignableFrom(type) ? nameof(IDataView)
        : type.FullName!;
}

using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>Executes a notebook's cells one after another, as its kernel would.</summary>
internal static class NotebookRun
{
    // What the kernel imports before the first cell, as Microsoft.dotnet-interactive 1.0.712001 does.
    private static readonly string[] s_imports =
        ["System", "System.Collections", "System.Collections.Generic", "System.Linq", "System.Text", "System.Threading.Tasks"];

    // By SDK, where the program of a file is.
    private const string ProgramFolder = "EntryPointFileDirectoryPath";

    /// <summary>The outputs of each cell, in the notebook's format. The first cell of code names packages, which are there
    /// already.</summary>
    public static async Task<JsonArray[]> OutputsAsync(
        NotebookCell[] cells, IEnumerable<string> packages, CancellationToken cancellationToken)
    {
        ScriptOptions options = ScriptOptions.Default.AddReferences(Assemblies(packages)).AddImports(s_imports);
        var outputs = new JsonArray[cells.Length];
        TextWriter console = Console.Out;
        AppContext.SetData(ProgramFolder, NotebookProgram.Folder);
        try
        {
            ScriptState<object>? state = null;
            int count = 0;
            for (int i = 0; i < cells.Length; i++)
            {
                outputs[i] = [];
                if (!cells[i].IsCode || ++count == 1)
                {
                    continue;
                }
                using var written = new StringWriter { NewLine = "\n" };
                Console.SetOut(written);
                state = state is null
                    ? await CSharpScript.RunAsync(cells[i].Source, options, cancellationToken: cancellationToken)
                    : await state.ContinueWithAsync(cells[i].Source, options, cancellationToken);
                if (written.ToString() is { Length: > 0 } text)
                {
                    outputs[i].Add(NotebookFile.Stream(text));
                }
                if (state.ReturnValue is { } value)
                {
                    IReadOnlyDictionary<string, string> shown = NotebookDisplay.All(value);
                    Assert.True(shown.Count > 0, $"A cell ends in a {value.GetType()}, which has no formatter:\n{cells[i].Source}");
                    outputs[i].Add(NotebookFile.Result(shown, count));
                }
            }
        }
        finally
        {
            Console.SetOut(console);
            AppContext.SetData(ProgramFolder, null);
        }
        return outputs;
    }

    /// <summary>What the packages of a notebook bring, and the framework.</summary>
    /// <param name="packages">The packages, of which those of this project bring the ones that they refer to.</param>
    public static IEnumerable<Assembly> Assemblies(IEnumerable<string> packages)
    {
        const string Ours = "Microsoft.ML.Mrl";
        var ours = new HashSet<string>();
        var open = new Stack<string>(packages.Where(name => name.StartsWith(Ours, StringComparison.Ordinal)));
        while (open.TryPop(out string? name))
        {
            if (ours.Add(name))
            {
                foreach (AssemblyName reference in Assembly.Load(name).GetReferencedAssemblies())
                {
                    if (reference.Name!.StartsWith(Ours, StringComparison.Ordinal))
                    {
                        open.Push(reference.Name);
                    }
                }
            }
        }
        string[] prefixes = ["System", "Microsoft.CSharp", "Microsoft.ML", "netstandard", "mscorlib", "TorchSharp", "SentenceTransformers"];
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => prefixes.Any(prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal)))
            .Where(name => !name.StartsWith(Ours, StringComparison.Ordinal) || ours.Contains(name))
            .Select(Assembly.Load);
    }
}

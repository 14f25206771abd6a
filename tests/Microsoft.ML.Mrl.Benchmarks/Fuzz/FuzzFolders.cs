using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>A folder of a small transformer, one of whose files is damaged.</summary>
internal static class FuzzFolders
{
    /// <summary>Returns the format of one of the files.</summary>
    /// <param name="name">The file, relative to the folder.</param>
    public static FuzzFormat File(string name) => new(Path.GetExtension(name), () => [Good(name)], path => Read(name, path));

    private static byte[] Good(string name)
    {
        using var folder = new ModelFolder();
        return System.IO.File.ReadAllBytes(Path.Combine(folder.Path, name));
    }

    private static void Read(string name, string damaged)
    {
        using var folder = new ModelFolder();
        System.IO.File.Copy(damaged, Path.Combine(folder.Path, name), overwrite: true);
        TextEncoder.Load(folder.Path).Encode("a b cab");
    }

    private sealed class ModelFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mrl-fuzz-");

        public ModelFolder() => RandomModel.Write(
            Path, RandomModel.Config("bert"), """{"word_embedding_dimension": 12, "pooling_mode_mean_tokens": true}""",
            dense: "torch.nn.modules.activation.Tanh");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}

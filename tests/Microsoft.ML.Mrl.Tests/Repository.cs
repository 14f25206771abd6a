namespace Microsoft.ML.Mrl.Tests;

/// <summary>The checkout that the tests were built from, and what may lie beside it.</summary>
internal static class Repository
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Lazy<string>> s_golden = new();

    public static string Root { get; } = Find();

    /// <summary>A file of the folder shared beside the checkout; the test is skipped where it is not there.</summary>
    public static string SharedOrSkip(string relative)
    {
        foreach (string candidate in new[] { "../shared", "../../shared" })
        {
            string path = Path.GetFullPath(Path.Combine(Root, candidate, relative));
            if (File.Exists(path))
            {
                return path;
            }
        }
        Assert.Skip($"shared/{relative} does not lie beside the repository.");
        return "";
    }

    /// <summary>A file of one of the project's own golden encoders, which are unpacked once for all tests of a run.</summary>
    /// <param name="name">The encoder, such as <c>bert-mini</c>.</param>
    /// <param name="file">The file in its folder.</param>
    public static string Golden(string name, string file) =>
        Path.Combine(
            s_golden.GetOrAdd(name, key => new Lazy<string>(() => Unpack(key))).Value, file.Replace('/', Path.DirectorySeparatorChar));

    private static string Unpack(string name)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-golden-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        string place = Path.Combine(folder.FullName, name);
        System.IO.Compression.ZipFile.ExtractToDirectory(
            Path.Combine(Root, "tests", "Microsoft.ML.Mrl.Tests", "Golden", name + ".zip"), place);
        return place;
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Mrl.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Microsoft.ML.Mrl.sln. Run the tests from the place they were built in.");
    }
}

namespace Microsoft.ML.Mrl.Tests;

/// <summary>The checkout that the tests were built from, and what may lie beside it.</summary>
internal static class Repository
{
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

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Mrl.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Microsoft.ML.Mrl.sln. Run the tests from the place they were built in.");
    }
}

namespace Microsoft.ML.Mrl.Tests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mrl-tests-");

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The names of its files, in order.</summary>
    public IEnumerable<string> Files => _folder.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    /// <summary>Writes a file of lines and returns its path.</summary>
    public string Write(string name, params IEnumerable<string> lines)
    {
        File.WriteAllText(this[name], string.Concat(lines.Select(line => line + "\n")));
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

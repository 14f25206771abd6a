namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>A file that will be made at the end of a long job: tried beforehand, written beside its place, then moved into it.</summary>
internal sealed class OutputFile
{
    private readonly string _folder;
    private readonly string _what;

    private OutputFile(string path, string what)
    {
        _what = what;
        FullPath = path;
        _folder = Path.GetDirectoryName(path)!;
    }

    /// <summary>Where the file will be.</summary>
    public string FullPath { get; }

    /// <summary>Makes sure that the file can be written, and leaves no trace.</summary>
    /// <param name="path">The file, relative to the current folder or not.</param>
    /// <param name="what">What it holds, for messages.</param>
    /// <exception cref="CommandException">It cannot.</exception>
    public static OutputFile Claim(string path, string what = "the model")
    {
        if (path.Trim().Length == 0 || path.Contains('\0'))
        {
            throw new CommandException($"Cannot write {what} to a file without a name. Give one to --output.");
        }
        string fullPath = Path.GetFullPath(path);
        if (Directory.Exists(fullPath))
        {
            throw new CommandException($"Cannot write {what} to '{path}': it is a folder. Give a file name.");
        }
        var file = new OutputFile(fullPath, what);
        if (!Directory.Exists(file._folder))
        {
            throw new CommandException($"Cannot write {what} to '{path}': there is no folder '{file._folder}'. Create it, or choose another --output.");
        }
        file.Probe(path);
        return file;
    }

    /// <summary>Writes the file whole: what was there before is replaced once the new content is complete.</summary>
    /// <param name="write">Gets the path to write to, in the same folder.</param>
    public void Write(Action<string> write)
    {
        string temporary = TemporaryPath();
        try
        {
            write(temporary);
            File.Move(temporary, FullPath, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot write {_what} to '{FullPath}': {e.Message}", inner: e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void Probe(string path)
    {
        string probe = TemporaryPath();
        try
        {
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot write {_what} to '{path}': {e.Message} Choose another --output, or change the folder's permissions.", inner: e);
        }
    }

    private string TemporaryPath() => Path.Combine(_folder, $".{Path.GetRandomFileName()}.mrl.tmp");
}

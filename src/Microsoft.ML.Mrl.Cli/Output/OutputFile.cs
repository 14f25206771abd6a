namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>
/// Represents a file that a long job writes at its end. Whether it can be written is checked before the job begins. The file is written
/// under another name and then renamed.
/// </summary>
internal sealed class OutputFile
{
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromDays(1);

    private readonly string _folder;
    private readonly string _what;

    private OutputFile(string path, string what)
    {
        _what = what;
        FullPath = path;
        _folder = Path.GetDirectoryName(path)!;
    }

    /// <summary>Gets the full path of the file.</summary>
    public string FullPath { get; }

    /// <summary>Checks that the file can be written, without leaving a trace.</summary>
    /// <param name="path">The path of the file, which may be relative to the current folder.</param>
    /// <param name="what">What the file holds, for messages.</param>
    /// <exception cref="CommandException">The file cannot be written.</exception>
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
            throw new CommandException(
                $"Cannot write {what} to '{path}': there is no folder '{file._folder}'. Create it, or choose another --output.");
        }
        file.Probe(path);
        return file;
    }

    /// <summary>Writes the whole file. An earlier file is replaced only when the new content is complete.</summary>
    /// <param name="write">Writes to the path that it is given, which lies in the same folder.</param>
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
            RemoveAbandoned();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"Cannot write {_what} to '{path}': {e.Message} Choose another --output, or change the folder's permissions.", inner: e);
        }
    }

    private string TemporaryPath() => Path.Combine(_folder, $".{Path.GetFileName(FullPath)}.{Path.GetRandomFileName()}.mrl.tmp");

    // A process that was killed while it wrote could not remove its file. A younger one may still be written to.
    private void RemoveAbandoned()
    {
        foreach (string file in Directory.EnumerateFiles(_folder, $".{Path.GetFileName(FullPath)}.*.mrl.tmp"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > s_abandonedAfter)
            {
                File.Delete(file);
            }
        }
    }
}

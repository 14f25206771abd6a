using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>
/// Represents a file that a long job writes at its end. Whether it can be written is checked before the job begins. The file is written
/// whole or not at all, keeps its mode and owner, and stays behind the symbolic link that leads to it.
/// </summary>
internal sealed class OutputFile
{
    private readonly string _what;

    private OutputFile(string path, string what)
    {
        _what = what;
        FullPath = path;
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
        string folder = Path.GetDirectoryName(fullPath)!;
        if (!Directory.Exists(folder))
        {
            throw new CommandException(
                $"Cannot write {what} to '{path}': there is no folder '{folder}'. Create it, or choose another --output.");
        }
        try
        {
            AtomicFile.Probe(fullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"Cannot write {what} to '{path}': {e.Message} Choose another --output, or change the folder's permissions.", inner: e);
        }
        return new OutputFile(fullPath, what);
    }

    /// <summary>Writes the whole file. An earlier file is replaced only when the new content is complete.</summary>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public void Write(Action<Stream> write) => WriteAt(path => AtomicFile.Write(path, write));

    /// <summary>Has the file written by what writes files whole or not at all itself.</summary>
    /// <param name="write">Writes to the path that it is given.</param>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public void WriteAt(Action<string> write)
    {
        try
        {
            write(FullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot write {_what} to '{FullPath}': {e.Message}", inner: e);
        }
    }
}

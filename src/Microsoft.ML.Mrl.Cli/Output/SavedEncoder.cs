namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Writes an encoder as a folder: whole beside its place, then moved into it.</summary>
internal static class SavedEncoder
{
    /// <summary>The name of the folder, in what a training makes, that a fine-tuned encoder is saved to.</summary>
    public const string FolderName = "encoder";

    /// <summary>One of these is in every folder of a saved encoder.</summary>
    private static readonly string[] s_marks = ["modules.json", "config.json"];

    /// <summary>Whether a folder has something in it that is no saved encoder.</summary>
    public static bool IsTaken(string folder) =>
        File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !s_marks.Any(mark => File.Exists(Path.Combine(folder, mark))));

    /// <summary>Writes the folder. One that is there is replaced once the new one is complete.</summary>
    /// <param name="folder">Its place.</param>
    /// <param name="write">Gets the folder to write to, beside it.</param>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static void Write(string folder, Action<string> write)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetRandomFileName()}.mrl.tmp");
        try
        {
            write(temporary);
            Delete(folder);
            Directory.Move(temporary, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new CommandException($"Cannot write the encoder to '{folder}': {e.Message}", inner: e);
        }
        finally
        {
            Delete(temporary);
        }
    }

    /// <summary>Deletes the folder of a saved encoder, if it is there.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

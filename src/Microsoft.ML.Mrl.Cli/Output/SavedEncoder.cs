namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Writes a text encoder as a folder, which is written under another name and renamed when it is complete.</summary>
internal static class SavedEncoder
{
    /// <summary>The name of the folder, in what a training makes, that a fine-tuned encoder is saved to.</summary>
    public const string FolderName = "encoder";

    /// <summary>The files of which every saved encoder has at least one.</summary>
    private static readonly string[] s_marks = ["modules.json", "config.json"];

    /// <summary>Determines whether the place holds something that is not a saved encoder.</summary>
    public static bool IsTaken(string folder) => File.Exists(folder)
        || (Directory.Exists(folder)
            && Directory.EnumerateFileSystemEntries(folder).Any()
            && !s_marks.Any(mark => File.Exists(Path.Combine(folder, mark))));

    /// <summary>Writes the folder. An earlier folder is replaced only when the new one is complete.</summary>
    /// <param name="folder">The full path of the folder.</param>
    /// <param name="write">Writes to the folder that it is given, which lies beside the place.</param>
    /// <exception cref="CommandException">The folder cannot be written.</exception>
    public static void Write(string folder, Action<string> write)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetRandomFileName()}.mrl.tmp");
        string earlier = temporary + ".old";
        try
        {
            write(temporary);
            // The earlier folder is only moved aside until the new one stands in its place.
            bool replaces = Directory.Exists(folder);
            if (replaces)
            {
                Directory.Move(folder, earlier);
            }
            Directory.Move(temporary, folder);
            Delete(earlier);
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

    /// <summary>Deletes the folder of a saved encoder, if there is one.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

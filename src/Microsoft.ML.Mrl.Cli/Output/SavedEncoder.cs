namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Represents the folder of a text encoder that the tool saves.</summary>
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

    /// <summary>Writes the folder, which is put in its place in one step.</summary>
    /// <param name="folder">The full path of the folder.</param>
    /// <param name="write">Writes to the folder.</param>
    /// <exception cref="CommandException">The folder cannot be written.</exception>
    public static void Write(string folder, Action<string> write)
    {
        try
        {
            write(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new CommandException($"Cannot write the encoder to '{folder}': {e.Message}", inner: e);
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

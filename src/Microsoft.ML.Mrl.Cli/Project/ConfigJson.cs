using System.Text.Json;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Reads the JSON of an .mbconfig file.</summary>
internal static class ConfigJson
{
    // A file of vectors in separate columns has an entry of about 150 bytes for each of them.
    private const long MaxBytes = 1 << 24;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="CommandException">The file cannot be read, is too large, or is not JSON in UTF-8.</exception>
    public static JsonElement Parse(string path)
    {
        try
        {
            return StrictJson.Parse(path, BoundedFile.Read(path, MaxBytes));
        }
        catch (InvalidDataException e)
        {
            throw new CommandException($"Cannot use --training-config: {Failures.Sentence(e)}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Wrong(path, Failures.Sentence(e), e);
        }
    }

    /// <summary>Makes the error for a file that cannot be used.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="what">The reason, as a sentence.</param>
    /// <param name="inner">The exception that caused it.</param>
    public static CommandException Wrong(string path, string what, Exception? inner = null) =>
        new($"Cannot use --training-config '{path}': {what}", inner: inner);
}

using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Reads the text of an .mbconfig file strictly, so that what is wrong with it is said with its name.</summary>
internal static class ConfigJson
{
    private const int MaxBytes = 1 << 24;

    /// <exception cref="CommandException">The file cannot be read, is too long, or is no JSON in UTF-8.</exception>
    public static JsonDocument Parse(string path)
    {
        try
        {
            // Strict, so that a text with broken characters is not taken for another, nor the second of two settings for the first.
            using var reader = new StreamReader(
                Bytes(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            JsonDocument document = JsonDocument.Parse(reader.ReadToEnd(), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return CheckTexts(document.RootElement) ? document : throw Wrong(
                path, "a text in it has half of a surrogate pair. Write it again.");
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or JsonException or ArgumentException or NotSupportedException)
        {
            throw Wrong(path, e is DecoderFallbackException ? "it is not UTF-8 text." : Failures.Sentence(e), e);
        }
    }

    private static MemoryStream Bytes(string path)
    {
        using FileStream stream = File.OpenRead(path);
        // What a file says of its length is not asked: that of a device is 0, and it never ends.
        var bytes = new MemoryStream();
        var part = new byte[1 << 16];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            bytes.Write(part, 0, count);
            if (bytes.Length > MaxBytes)
            {
                throw Wrong(path, "it is larger than any that mrl train writes. Give an .mbconfig that mrl train wrote.");
            }
        }
        bytes.Position = 0;
        return bytes;
    }

    /// <returns>Whether every text can be read.</returns>
    private static bool CheckTexts(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().All(property => property.Name is not null && CheckTexts(property.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(CheckTexts),
                JsonValueKind.String => element.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The error for a file that cannot be used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">The reason, a sentence.</param>
    /// <param name="inner">The exception behind it.</param>
    public static CommandException Wrong(string path, string what, Exception? inner = null) =>
        new($"Cannot use --training-config '{path}': {what}", inner: inner);
}

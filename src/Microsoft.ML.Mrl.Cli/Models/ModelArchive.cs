using System.Globalization;
using System.IO.Compression;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>
/// Checks the directory of a model's .zip before ML.NET decompresses its content into memory, since a few kilobytes may decompress to
/// gigabytes.
/// </summary>
internal static class ModelArchive
{
    // Weights hardly shrink when they are packed: what shrinks so much is no model.
    private const long FreeBytes = 1L << 28, MaxInflation = 100;

    /// <exception cref="CommandException">The file would decompress to more than a model of its size can have.</exception>
    public static void Check(string path)
    {
        double inflated = 0, packed = 0;
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                inflated += entry.Length;
                packed += entry.CompressedLength;
            }
        }
        // Whoever loads the file says what is wrong with it.
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return;
        }
        if (inflated > FreeBytes && inflated / MaxInflation > packed)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot load model '{path}': its parts have {packed:N0} bytes, and would have {inflated:N0} when they are unpacked. No "
                + $"model shrinks so much, so it is damaged or was made to fill the memory. Give the .zip that mrl train wrote."));
        }
    }
}

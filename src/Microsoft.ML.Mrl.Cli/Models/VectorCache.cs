using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>
/// Keeps the vectors of texts in the user's cache folder, so that a second training on the same texts does not embed them again. A file is
/// named by a hash of the encoder and of all texts. If the cache cannot be used, the texts are embedded again.
/// </summary>
internal static class VectorCache
{
    /// <summary>The variable that names another folder.</summary>
    public const string FolderVariable = "MRL_CACHE";

    private const string Pattern = "*.vectors";
    private const long MaxBytes = 1L << 30;

    /// <summary>Gets the folder: what <see cref="FolderVariable"/> names, or the system's folder for caches of the user.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen ? chosen
        : OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "mrl", "cache")
        : OperatingSystem.IsMacOS() ? Path.Combine(Home, "Library", "Caches", "mrl")
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? Path.Combine(caches, "mrl")
        : Path.Combine(Home, ".cache", "mrl");

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Returns the name under which the vectors of texts are kept.</summary>
    public static string Key(TextEncoder encoder, IReadOnlyList<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(encoder.Fingerprint));
        foreach (string text in texts)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text.AsSpan());
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>Reads vectors.</summary>
    /// <param name="key">The name.</param>
    /// <param name="values">Receives the values, all vectors one after the other.</param>
    /// <returns>Whether the file is there and whole.</returns>
    public static bool TryRead(string key, float[] values)
    {
        try
        {
            using FileStream file = File.OpenRead(PathOf(key));
            Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
            if (file.Length != bytes.Length + SHA256.HashSizeInBytes)
            {
                return false;
            }
            file.ReadExactly(bytes);
            Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
            file.ReadExactly(checksum);
            return checksum.SequenceEqual(SHA256.HashData(bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Keeps vectors. The oldest files are deleted where all together take more than a gibibyte.</summary>
    public static void Write(string key, float[] values)
    {
        try
        {
            Directory.CreateDirectory(Folder);
            AtomicFile.Write(PathOf(key), file =>
            {
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
                file.Write(bytes);
                file.Write(SHA256.HashData(bytes));
            });
            long total = 0;
            foreach (FileInfo kept in new DirectoryInfo(Folder).EnumerateFiles(Pattern).OrderByDescending(kept => kept.LastWriteTimeUtc))
            {
                total += kept.Length;
                if (total > MaxBytes)
                {
                    kept.Delete();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a cache the next training takes longer, and that is all.
        }
    }

    private static string PathOf(string key) => Path.Combine(Folder, Pattern.Replace("*", key, StringComparison.Ordinal));
}

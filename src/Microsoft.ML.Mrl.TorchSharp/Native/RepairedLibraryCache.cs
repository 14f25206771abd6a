using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Keeps repaired libraries in a folder that only this user can read and write.</summary>
/// <remarks>Safe for concurrent use, by threads and by processes: a file appears whole or not at all.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class RepairedLibraryCache
{
    private const UnixFileMode OnlyUser = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _directory;

    /// <summary>Creates the cache; the folder is made when first needed.</summary>
    /// <param name="directory">The full path of the folder.</param>
    public RepairedLibraryCache(string directory) => _directory = directory;

    /// <summary>Makes sure that a repaired library is in the cache, intact.</summary>
    /// <param name="original">The file before the repair; its hash is part of the name, so that versions never mix.</param>
    /// <param name="repaired">The file after the repair.</param>
    /// <returns>The full path of the repaired file.</returns>
    /// <exception cref="IOException">The folder or file cannot be written, or the folder is a link.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else or cannot be written.</exception>
    public string Store(ReadOnlySpan<byte> original, ReadOnlySpan<byte> repaired)
    {
        ClaimDirectory();
        string path = Path.Combine(_directory, $"libLibTorchSharp-{Convert.ToHexString(SHA256.HashData(original).AsSpan(0, 16))}.so");
        if (!Holds(path, repaired))
        {
            Write(path, repaired);
        }
        return path;
    }

    private void ClaimDirectory()
    {
        Directory.CreateDirectory(_directory, OnlyUser);
        if (new DirectoryInfo(_directory).LinkTarget is { } target)
        {
            throw new IOException($"The cache folder '{_directory}' is a link to '{target}'.");
        }
        // Code is loaded from here. Setting the mode also proves whose folder it is: it fails for anybody but the owner.
        File.SetUnixFileMode(_directory, OnlyUser);
    }

    private static bool Holds(string path, ReadOnlySpan<byte> expected)
    {
        var file = new FileInfo(path);
        return file.Exists && file.LinkTarget is null && file.Length == expected.Length
            && SHA256.HashData(File.ReadAllBytes(path)).AsSpan().SequenceEqual(SHA256.HashData(expected));
    }

    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
            }
            // A rename: whoever has the old file loaded keeps it, whoever looks sees the old one or the new one.
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Recognizes the small text file that Git leaves in the place of a large one until Git LFS fetches it: models are often copied so.
/// </summary>
internal static class LfsPointer
{
    /// <summary>The number of bytes that tell a pointer.</summary>
    public const int Bytes = 23;

    private static ReadOnlySpan<byte> Start => "version https://git-lfs"u8;

    /// <summary>Determines whether a file that begins with some bytes may be a pointer.</summary>
    public static bool MayStart(ReadOnlySpan<byte> bytes) => Start.StartsWith(bytes);

    /// <summary>Throws an exception for a file that is a pointer. The stream stays where it is; one that cannot seek is not read.</summary>
    /// <param name="stream">The stream of the file, at its beginning.</param>
    /// <param name="name">The name of the file in messages, in quotes.</param>
    /// <exception cref="InvalidDataException">The file is a pointer.</exception>
    public static void Check(Stream stream, string name)
    {
        if (!stream.CanSeek)
        {
            return;
        }
        Span<byte> start = stackalloc byte[Bytes];
        long position = stream.Position;
        int count = stream.ReadAtLeast(start, Bytes, throwOnEndOfStream: false);
        stream.Position = position;
        Check(start[..count], name);
    }

    /// <summary>Throws an exception for a pointer.</summary>
    /// <param name="content">The content of the file, or its first bytes.</param>
    /// <param name="name">The name of the file in messages, in quotes.</param>
    /// <exception cref="InvalidDataException">The content is a pointer.</exception>
    public static void Check(ReadOnlySpan<byte> content, string name)
    {
        if (content.StartsWith(Start))
        {
            throw new InvalidDataException(
                $"{name} is a pointer of Git LFS and not the file itself. Run 'git lfs pull' in its repository, or download the file.");
        }
    }
}

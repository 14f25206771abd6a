namespace Microsoft.ML.Mrl.Files;

/// <summary>Reads files and streams that are small by their nature. A file that does not end is refused before memory is full.</summary>
internal static class BoundedFile
{
    // What a file is read to that states no length, as a device does, although it never ends.
    private const long MaxBytesWithoutLength = 1L << 20;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="maxBytes">The maximum number of bytes.</param>
    /// <exception cref="InvalidDataException">The file has more bytes, or is a pointer of Git LFS.</exception>
    public static byte[] Read(string path, long maxBytes)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, $"'{path}'", maxBytes);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream, which is left open.</param>
    /// <param name="name">The name of the stream in messages.</param>
    /// <param name="maxBytes">The maximum number of bytes.</param>
    /// <exception cref="InvalidDataException">The stream has more bytes, or is a pointer of Git LFS.</exception>
    public static byte[] Read(Stream stream, string name, long maxBytes)
    {
        if (stream.CanSeek)
        {
            maxBytes = Math.Min(maxBytes, Math.Max(stream.Length - stream.Position, MaxBytesWithoutLength));
        }
        var content = new MemoryStream();
        var part = new byte[1 << 16];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            if (content.Length + count > maxBytes)
            {
                throw new InvalidDataException(
                    $"{name} has more than {maxBytes} bytes, which is too many for such a file. Is it the right file?");
            }
            content.Write(part, 0, count);
        }
        LfsPointer.Check(content.GetBuffer().AsSpan(0, (int)content.Length), name);
        return content.ToArray();
    }
}

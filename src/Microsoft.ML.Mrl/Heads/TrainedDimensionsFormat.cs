namespace Microsoft.ML.Mrl.Heads;

/// <summary>Reads and writes the trained dimensions in saved heads and encoders: their number, then each of them (int32).</summary>
internal static class TrainedDimensionsFormat
{
    public static void Write(MatryoshkaDimensions? dimensions, BinaryWriter writer)
    {
        writer.Write(dimensions?.Count ?? 0);
        foreach (int dimension in dimensions?.AsEnumerable() ?? [])
        {
            writer.Write(dimension);
        }
    }

    /// <summary>Reads the dimensions that <see cref="Write"/> wrote.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="width">The width of the vectors that they are prefix lengths of.</param>
    /// <param name="what">The kind of content in messages, such as <c>encoder</c>.</param>
    /// <returns>The dimensions, or <see langword="null"/> if there are none.</returns>
    /// <exception cref="InvalidDataException">There are more dimensions than values, or than the file has bytes for.</exception>
    public static MatryoshkaDimensions? Read(BinaryReader reader, int width, string what)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > width || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(int))
        {
            throw new InvalidDataException($"The {what} names {count} trained dimensions for {width} values. The file is damaged.");
        }
        return count == 0 ? null : new MatryoshkaDimensions([.. Enumerable.Range(0, count).Select(_ => reader.ReadInt32())]);
    }
}

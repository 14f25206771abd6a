using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Heads;

/// <summary>
/// Reads and writes saved heads: a <see cref="ChecksummedFrame"/> named MRLHEAD. The body is the training summary and then the identity:
/// kind, widths, trained dimensions, weights. Little-endian throughout.
/// </summary>
internal static class EmbeddingHeadFormat
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "MRLHEAD"u8;

    public static void Write(EmbeddingHead head, Stream stream) => ChecksummedFrame.Write(stream, Magic, Version, writer =>
    {
        TrainingSummaryFormat.Write(head.Training, writer);
        WriteIdentity(head, writer);
    });

    public static EmbeddingHead Read(Stream stream) =>
        ChecksummedFrame.Read(stream, Magic, (Version, Version), "head", Array.MaxLength, (reader, _) => ReadHead(reader));

    public static void WriteIdentity(EmbeddingHead head, BinaryWriter writer)
    {
        writer.Write(head.Kind);
        writer.Write(head.InputDimensions);
        writer.Write(head.OutputDimensions);
        TrainedDimensionsFormat.Write(head.TrainedDimensions, writer);
        head.WriteWeights(writer);
    }

    private static EmbeddingHead ReadHead(BinaryReader reader)
    {
        TrainingSummary? training = TrainingSummaryFormat.Read(reader);
        string kind = reader.ReadString();
        int inputs = ChecksummedFrame.ReadPositive(reader, "head's input width");
        int outputs = ChecksummedFrame.ReadPositive(reader, "head's output width");
        MatryoshkaDimensions dimensions = TrainedDimensionsFormat.Read(reader, outputs, "head")
            ?? throw new InvalidDataException("The head names no trained dimensions. The file is damaged.");
        return kind switch
        {
            LinearHead.KindName => LinearHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            OrthogonalHead.KindName => OrthogonalHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            ResidualHead.KindName => ResidualHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            _ => throw new InvalidDataException($"The head is of kind '{kind}', which this library does not know. Update the library."),
        };
    }
}

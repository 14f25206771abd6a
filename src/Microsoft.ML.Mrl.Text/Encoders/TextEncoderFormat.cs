using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>
/// Reads and writes saved encoders: a <see cref="ChecksummedFrame"/> named MRLTEXT. The body is the training summary and then the identity:
/// kind, width, trained dimensions, content. Little-endian throughout.
/// </summary>
internal static class TextEncoderFormat
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "MRLTEXT"u8;

    public static void Write(TextEncoder encoder, Stream stream) => ChecksummedFrame.Write(stream, Magic, Version, writer =>
    {
        TrainingSummaryFormat.Write(encoder.Training, writer);
        WriteIdentity(encoder, writer);
    });

    public static TextEncoder Read(Stream stream) =>
        ChecksummedFrame.Read(stream, Magic, (Version, Version), "encoder", Array.MaxLength, (reader, _) => ReadEncoder(reader));

    public static void WriteIdentity(TextEncoder encoder, BinaryWriter writer)
    {
        writer.Write(encoder.Kind);
        writer.Write(encoder.Dimensions);
        TrainedDimensionsFormat.Write(encoder.TrainedDimensions, writer);
        encoder.WriteContent(writer);
    }

    private static TextEncoder ReadEncoder(BinaryReader reader)
    {
        TrainingSummary? training = TrainingSummaryFormat.Read(reader);
        string kind = reader.ReadString();
        int width = ChecksummedFrame.ReadPositive(reader, "encoder's width");
        MatryoshkaDimensions? trained = TrainedDimensionsFormat.Read(reader, width, "encoder");
        TextEncoder encoder = kind switch
        {
            StaticTextEncoder.KindName => StaticTextEncoder.ReadContent(reader, width, trained, training),
            OnnxTextEncoder.KindName => OnnxTextEncoder.ReadContent(reader),
            TransformerTextEncoder.KindName => TransformerTextEncoder.ReadContent(reader, trained, training),
            _ => throw new InvalidDataException($"The encoder is of kind '{kind}', which this library does not know. Update the library."),
        };
        return encoder.Dimensions == width
            ? encoder
            : throw new InvalidDataException(
                $"The encoder names a width of {width}, but its parts give {encoder.Dimensions}. The file is damaged.");
    }
}

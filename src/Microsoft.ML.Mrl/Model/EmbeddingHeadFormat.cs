using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The bytes of a saved head: "MRLHEAD" and a version byte, the length of the body (int64), the body, the SHA-256 of the body.
/// The body is the training summary and then the identity: kind, widths, trained dimensions, weights. Little-endian throughout.
/// </summary>
internal static class EmbeddingHeadFormat
{
    private const byte Version = 1;
    private const int HashLength = 32;

    private static ReadOnlySpan<byte> Magic => "MRLHEAD"u8;

    public static void Write(EmbeddingHead head, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            WriteTraining(head.Training, writer);
            WriteIdentity(head, writer);
        }
        ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        stream.Write(Magic);
        stream.WriteByte(Version);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
        stream.Write(SHA256.HashData(bytes));
    }

    public static EmbeddingHead Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] body;
        try
        {
            body = ReadChecked(stream);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The head is cut short: the file ends inside it. Copy or train it again.", e);
        }
        try
        {
            return ReadHead(body);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The head is damaged: {e.Message}", e);
        }
    }

    public static void WriteIdentity(EmbeddingHead head, BinaryWriter writer)
    {
        writer.Write(head.Kind);
        writer.Write(head.InputDimensions);
        writer.Write(head.OutputDimensions);
        writer.Write(head.TrainedDimensions.Count);
        foreach (int dimension in head.TrainedDimensions)
        {
            writer.Write(dimension);
        }
        head.WriteWeights(writer);
    }

    public static void WriteFloats(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            writer.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        foreach (float value in values)
        {
            writer.Write(value);
        }
    }

    public static float[] ReadFloats(BinaryReader reader, long count)
    {
        Stream body = reader.BaseStream;
        if (count < 0 || count > (body.Length - body.Position) / sizeof(float))
        {
            throw new InvalidDataException($"The head says it holds {count} numbers, but only {body.Length - body.Position} bytes are left.");
        }
        var values = new float[count];
        if (BitConverter.IsLittleEndian)
        {
            body.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = reader.ReadSingle();
        }
        return values;
    }

    public static int ReadPositive(BinaryReader reader, string what)
    {
        int value = reader.ReadInt32();
        return value > 0 ? value : throw new InvalidDataException($"The head's {what} is {value}. The file is damaged.");
    }

    private static byte[] ReadChecked(Stream stream)
    {
        Span<byte> start = stackalloc byte[Magic.Length + 1 + 8];
        stream.ReadExactly(start);
        if (!start[..Magic.Length].SequenceEqual(Magic))
        {
            throw new InvalidDataException("The file is not a saved embedding head: it does not start with MRLHEAD.");
        }
        if (start[Magic.Length] != Version)
        {
            throw new InvalidDataException($"The head has format version {start[Magic.Length]}; this library reads version {Version}. Update the library.");
        }
        long length = BinaryPrimitives.ReadInt64LittleEndian(start[(Magic.Length + 1)..]);
        if (length < 0 || length > Array.MaxLength)
        {
            throw new InvalidDataException($"The head says it is {length} bytes long. The file is damaged.");
        }
        byte[] body = ReadBody(stream, (int)length);
        Span<byte> hash = stackalloc byte[HashLength];
        stream.ReadExactly(hash);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(hash))
        {
            throw new InvalidDataException("The head's checksum does not fit its bytes. The file is damaged: copy or train it again.");
        }
        return body;
    }

    /// <summary>Grows with what really arrives, so that a damaged length cannot ask for gigabytes.</summary>
    private static byte[] ReadBody(Stream stream, int length)
    {
        const int Step = 1 << 20;
        var body = new byte[Math.Min(length, Step)];
        int have = 0;
        while (true)
        {
            stream.ReadExactly(body.AsSpan(have));
            have = body.Length;
            if (have == length)
            {
                return body;
            }
            Array.Resize(ref body, (int)Math.Min(length, have * 2L));
        }
    }

    private static EmbeddingHead ReadHead(byte[] body)
    {
        using var reader = new BinaryReader(new MemoryStream(body), Encoding.UTF8);
        TrainingSummary? training = ReadTraining(reader);
        string kind = reader.ReadString();
        int inputs = ReadPositive(reader, "input width");
        int outputs = ReadPositive(reader, "output width");
        int count = ReadPositive(reader, "number of dimensions");
        if (count > outputs || count > (body.Length - reader.BaseStream.Position) / sizeof(int))
        {
            throw new InvalidDataException($"The head names {count} trained dimensions for {outputs} values. The file is damaged.");
        }
        var dimensions = new MatryoshkaDimensions(Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray());
        EmbeddingHead head = kind switch
        {
            LinearHead.KindName => LinearHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            OrthogonalHead.KindName => OrthogonalHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            ResidualHead.KindName => ResidualHead.ReadWeights(reader, inputs, outputs, dimensions, training),
            _ => throw new InvalidDataException($"The head is of kind '{kind}', which this library does not know. Update the library."),
        };
        long left = body.Length - reader.BaseStream.Position;
        return left == 0 ? head : throw new InvalidDataException($"The head is followed by {left} bytes that do not belong to it. The file is damaged.");
    }

    private static void WriteTraining(TrainingSummary? training, BinaryWriter writer)
    {
        writer.Write(training is not null);
        if (training is null)
        {
            return;
        }
        writer.Write(training.Objective);
        writer.Write(training.Winner);
        writer.Write(training.Verdict);
        writer.Write(training.Seed);
        writer.Write(training.TrainingRows);
        writer.Write(training.ValidationRows);
        writer.Write(training.Epochs);
        writer.Write(training.BestEpoch);
        writer.Write(training.Cancelled);
        writer.Write(training.ScoreName);
        writer.Write(training.ValidationScores.Count);
        foreach (ValidationScore score in training.ValidationScores)
        {
            writer.Write(score.Dimensions);
            writer.Write(score.Raw);
            writer.Write(score.Pca);
            writer.Write(score.Learned);
            writer.Write(score.Low);
            writer.Write(score.High);
        }
    }

    private static TrainingSummary? ReadTraining(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }
        return new TrainingSummary
        {
            Objective = reader.ReadString(),
            Winner = reader.ReadString(),
            Verdict = reader.ReadString(),
            Seed = reader.ReadInt32(),
            TrainingRows = reader.ReadInt32(),
            ValidationRows = reader.ReadInt32(),
            Epochs = reader.ReadInt32(),
            BestEpoch = reader.ReadInt32(),
            Cancelled = reader.ReadBoolean(),
            ScoreName = reader.ReadString(),
            ValidationScores = ReadScores(reader),
        };
    }

    private static ValidationScore[] ReadScores(BinaryReader reader)
    {
        const int BytesPerScore = 44;
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / BytesPerScore)
        {
            throw new InvalidDataException($"The head says it holds {count} validation scores. The file is damaged.");
        }
        var scores = new ValidationScore[count];
        for (int i = 0; i < count; i++)
        {
            scores[i] = new ValidationScore(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble())
            {
                Low = reader.ReadDouble(),
                High = reader.ReadDouble(),
            };
        }
        return scores;
    }
}

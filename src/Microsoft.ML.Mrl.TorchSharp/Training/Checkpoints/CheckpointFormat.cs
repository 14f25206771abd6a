using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The bytes of a checkpoint: "MRLCHECK", a version byte, the identity of the training, its state, and the SHA-256 of all that. Little-endian machines only,
/// as libtorch's are.
/// </summary>
internal static class CheckpointFormat
{
    private const byte Version = 2;
    private const int HashLength = 32;

    private static ReadOnlySpan<byte> Magic => "MRLCHECK"u8;

    public static byte[] Write(string identity, TrainingState state, float[][] numbers, AdamW optimizer)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(identity);
            WriteState(writer, state);
            WriteParts(writer, numbers);
            writer.Write(optimizer.Steps);
            WriteParts(writer, optimizer.Means);
            WriteParts(writer, optimizer.Squares);
        }
        bytes.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>Reads a checkpoint of a training into that training.</summary>
    /// <param name="bytes">The checkpoint.</param>
    /// <param name="identity">What it must be of.</param>
    /// <param name="state">Takes the state.</param>
    /// <param name="numbers">Takes what is learned, first the parts of the head.</param>
    /// <param name="headParts">How many parts the head has.</param>
    /// <param name="optimizer">Takes the optimizer's state.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged, or of another training; the message says which.</exception>
    public static void Read(byte[] bytes, string identity, TrainingState state, float[][] numbers, int headParts, AdamW optimizer)
    {
        int length = bytes.Length - HashLength;
        if (length <= Magic.Length || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("it is not a checkpoint");
        }
        if (!SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
        {
            throw new InvalidDataException("its checksum does not fit its bytes: it was cut short or damaged");
        }
        using var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, length - Magic.Length), Encoding.UTF8);
        byte version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"it has format version {version}, this library reads {Version}");
        }
        string found = reader.ReadString();
        if (found != identity)
        {
            throw new InvalidDataException($"it is of another training: {FirstDifference(found, identity)}");
        }
        ReadState(reader, state, numbers.AsSpan(0, headParts));
        ReadParts(reader, numbers);
        optimizer.Steps = reader.ReadInt32();
        ReadParts(reader, optimizer.Means);
        ReadParts(reader, optimizer.Squares);
    }

    private static void WriteState(BinaryWriter writer, TrainingState state)
    {
        writer.Write(state.Epoch);
        writer.Write(state.StepInEpoch);
        writer.Write(state.Steps);
        writer.Write(state.BadSteps);
        writer.Write(state.LossSum);
        writer.Write(state.LossCount);
        writer.Write(state.Best.Epoch);
        WriteDoubles(writer, state.Best.Scores);
        WriteDoubles(writer, state.Best.LearnedScores);
        writer.Write(state.Best.Numbers.Length > 0);
        if (state.Best.Numbers.Length > 0)
        {
            WriteParts(writer, state.Best.Numbers);
        }
    }

    private static void ReadState(BinaryReader reader, TrainingState state, ReadOnlySpan<float[]> shapes)
    {
        state.Epoch = reader.ReadInt32();
        state.StepInEpoch = reader.ReadInt32();
        state.Steps = reader.ReadInt32();
        state.BadSteps = reader.ReadInt32();
        state.LossSum = reader.ReadDouble();
        state.LossCount = reader.ReadInt32();
        state.IsEpochOpen = true;
        state.Best.Epoch = reader.ReadInt32();
        state.Best.Scores = ReadDoubles(reader);
        state.Best.LearnedScores = ReadDoubles(reader);
        state.Best.Numbers = [];
        if (reader.ReadBoolean())
        {
            float[][] best = Array.ConvertAll(shapes.ToArray(), part => new float[part.Length]);
            ReadParts(reader, best);
            state.Best.Numbers = best;
        }
    }

    private static void WriteDoubles(BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static double[] ReadDoubles(BinaryReader reader)
    {
        var values = new double[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static void WriteParts(BinaryWriter writer, float[][] parts)
    {
        writer.Write(parts.Length);
        foreach (float[] part in parts)
        {
            writer.Write(part.Length);
            writer.Write(MemoryMarshal.AsBytes(part.AsSpan()));
        }
    }

    /// <summary>The identity fixes the shapes, so the parts to read into are there already.</summary>
    private static void ReadParts(BinaryReader reader, float[][] parts)
    {
        int count = reader.ReadInt32();
        if (count != parts.Length)
        {
            throw new InvalidDataException($"it holds {count} parts where the training has {parts.Length}");
        }
        foreach (float[] part in parts)
        {
            int length = reader.ReadInt32();
            if (length != part.Length)
            {
                throw new InvalidDataException($"it holds a part of {length} numbers where the training has {part.Length}");
            }
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(part.AsSpan()));
        }
    }

    private static string FirstDifference(string found, string wanted)
    {
        string[] was = found.Split('\n');
        string[] now = wanted.Split('\n');
        int i = 0;
        while (i < was.Length - 1 && i < now.Length - 1 && was[i] == now[i])
        {
            i++;
        }
        return $"it says \"{was[i]}\", now it is \"{now[i]}\"";
    }
}

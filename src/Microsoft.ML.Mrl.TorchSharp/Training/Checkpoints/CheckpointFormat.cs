using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>
/// The bytes of a checkpoint: "MRLCHECK", a version byte, the identity of the training, its state, and the SHA-256 of all that.
/// Little-endian machines only, as libtorch's are.
/// </summary>
internal static class CheckpointFormat
{
    // Weights of versions before 4 are along components that the rows held back had a say in.
    private const byte Version = 4;
    private const int HashLength = 32;

    private static ReadOnlySpan<byte> Magic => "MRLCHECK"u8;

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="stream">Takes the bytes, as they come: they may be more than fit one array.</param>
    /// <param name="identity">What training it is of.</param>
    /// <param name="state">Where that is.</param>
    /// <param name="weights">What the head or encoder has learned.</param>
    /// <param name="ofLoss">What the loss has learned.</param>
    /// <param name="optimizers">What the optimizers remember.</param>
    public static void Write(Stream stream, string identity, TrainingState state, float[][] weights, float[][] ofLoss,
        IReadOnlyList<IOptimizerState> optimizers)
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(identity);
            WriteState(writer, state);
            WriteParts(writer, weights);
            WriteParts(writer, ofLoss);
            foreach (IOptimizerState optimizer in optimizers)
            {
                writer.Write(MemoryMarshal.AsBytes(optimizer.StepCounts.AsSpan()));
                WriteParts(writer, optimizer.Moments);
            }
        }
        stream.Write(hash.Hash);
    }

    /// <summary>Reads a checkpoint of a training into that training.</summary>
    /// <param name="stream">The checkpoint.</param>
    /// <param name="identity">What it must be of.</param>
    /// <param name="state">Takes the state.</param>
    /// <param name="weights">Takes what the head or encoder has learned.</param>
    /// <param name="ofLoss">Takes what the loss has learned.</param>
    /// <param name="optimizers">Take their states.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged, or of another training; the message says which.</exception>
    public static void Read(Stream stream, string identity, TrainingState state, float[][] weights, float[][] ofLoss,
        IReadOnlyList<IOptimizerState> optimizers)
    {
        CheckBytes(stream);
        stream.Position = Magic.Length;
        try
        {
            ReadChecked(stream, identity, state, weights, ofLoss, optimizers);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"its parts are not as long as it says ({e.Message})", e);
        }
    }

    private static void ReadChecked(
        Stream stream, string identity, TrainingState state, float[][] weights, float[][] ofLoss, IReadOnlyList<IOptimizerState> optimizers)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        byte version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"it has format version {version}, this library reads {Version}");
        }
        string found = reader.ReadString();
        if (found != identity)
        {
            throw new InvalidDataException($"it is of another training: {TrainingIdentity.FirstDifference(found, identity)}");
        }
        ReadState(reader, state, weights);
        ReadParts(reader, weights);
        ReadParts(reader, ofLoss);
        foreach (IOptimizerState optimizer in optimizers)
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(optimizer.StepCounts.AsSpan()));
            ReadParts(reader, optimizer.Moments);
        }
    }

    private static void CheckBytes(Stream stream)
    {
        var start = new byte[Magic.Length];
        if (stream.Length <= Magic.Length + HashLength || stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || !start.AsSpan().SequenceEqual(Magic))
        {
            throw new InvalidDataException("it is not a checkpoint");
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        var block = new byte[1 << 20];
        for (long left = stream.Length - Magic.Length - HashLength; left > 0;)
        {
            int length = stream.Read(block, 0, (int)Math.Min(left, block.Length));
            hash.AppendData(block, 0, length);
            left = length == 0 ? 0 : left - length;
        }
        var expected = new byte[HashLength];
        stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
        {
            throw new InvalidDataException("its checksum does not fit its bytes: it was cut short or damaged");
        }
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
        writer.Write(state.Best.Weights.Length > 0);
        if (state.Best.Weights.Length > 0)
        {
            WriteParts(writer, state.Best.Weights);
        }
    }

    private static void ReadState(BinaryReader reader, TrainingState state, float[][] shapes)
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
        state.Best.Weights = [];
        if (reader.ReadBoolean())
        {
            float[][] best = Array.ConvertAll(shapes, part => new float[part.Length]);
            ReadParts(reader, best);
            state.Best.Weights = best;
        }
    }

    private static void WriteDoubles(BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static double[] ReadDoubles(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Stream stream = reader.BaseStream;
        if (count < 0 || count > (stream.Length - stream.Position) / sizeof(double))
        {
            throw new InvalidDataException($"it says it holds {count} scores, but {stream.Length - stream.Position} bytes are left");
        }
        var values = new double[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static void WriteParts(BinaryWriter writer, IReadOnlyList<float[]> parts)
    {
        writer.Write(parts.Count);
        foreach (float[] part in parts)
        {
            writer.Write(part.Length);
            writer.Write(MemoryMarshal.AsBytes(part.AsSpan()));
        }
    }

    /// <summary>The identity fixes the shapes, so the parts to read into are there already.</summary>
    private static void ReadParts(BinaryReader reader, IReadOnlyList<float[]> parts)
    {
        int count = reader.ReadInt32();
        if (count != parts.Count)
        {
            throw new InvalidDataException($"it holds {count} parts where the training has {parts.Count}");
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
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Writes embeddings as a .npy file of version 1.0: little-endian single precision, <c>[N, m]</c>, C order.</summary>
internal sealed class NpyWriter : EmbeddingWriter
{
    /// <summary>A multiple of 64, as the format asks, with room for any number of rows, which is known at the end.</summary>
    private const int HeaderBytes = 128;

    private readonly Stream _stream;
    private readonly int _dimensions;
    private long _rows;

    public NpyWriter(Stream stream, int dimensions)
    {
        _dimensions = dimensions;
        _stream = stream;
        _stream.Write(Header());
    }

    /// <inheritdoc/>
    public override void Write(IReadOnlyList<string> kept, float[] vector)
    {
        if (!BitConverter.IsLittleEndian)
        {
            vector = [.. vector.Select(
                value => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReverseEndianness(BitConverter.SingleToInt32Bits(value))))];
        }
        _stream.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
        _rows++;
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        _stream.Flush();
        _stream.Position = 0;
        _stream.Write(Header());
        _stream.Flush();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private byte[] Header()
    {
        const int Before = 10;
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({_rows}, {_dimensions}), }}").PadRight(HeaderBytes - Before - 1) + "\n";
        var header = new byte[HeaderBytes];
        NpyHeader.Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), HeaderBytes - Before);
        Encoding.ASCII.GetBytes(text, header.AsSpan(Before));
        return header;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public class ChecksummedFrameTests
{
    private const long Gibibyte = 1L << 30;

    private static ReadOnlySpan<byte> Name => "MRLTEST"u8;

    [Fact]
    public void Read_OfAStreamThatSeeks_MakesNoCopyOfTheBody()
    {
        using var stream = new ClaimedStream(Gibibyte / 4);

        (InvalidDataException e, long allocated) = Refusal(stream, int.MaxValue);

        Assert.Contains("checksum does not match", e.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 1 << 20);
    }

    [Fact]
    public void Read_LengthBeyondTheLimit_IsRefusedBeforeTheBodyIsRead()
    {
        using var stream = new ClaimedStream(Gibibyte);

        (InvalidDataException e, _) = Refusal(stream, 1000);

        Assert.Contains("but has at most 1000", e.Message, StringComparison.Ordinal);
        Assert.Equal(16, stream.Position);
    }

    [Fact]
    public void Read_LengthBeyondTheStream_IsRefusedBeforeTheBodyIsRead()
    {
        using var stream = new ClaimedStream(Gibibyte, cut: 1);

        (InvalidDataException e, _) = Refusal(stream, long.MaxValue);

        Assert.Contains("cut short", e.Message, StringComparison.Ordinal);
        Assert.Equal(16, stream.Position);
    }

    [Fact]
    public void Read_OfAnInflatingStream_KeepsWhatReallyArrives()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            using var body = new MemoryStream();
            ChecksummedFrame.Write(body, Name, 1, writer => writer.Write(new byte[100_000]));
            BinaryPrimitives.WriteInt64LittleEndian(body.GetBuffer().AsSpan(8), int.MaxValue - 100);
            zip.Write(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        packed.Position = 0;
        using var inflated = new GZipStream(packed, CompressionMode.Decompress);

        (InvalidDataException e, long allocated) = Refusal(inflated, int.MaxValue);

        Assert.Contains("cut short", e.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 4 << 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_TwoFramesAfterEachOther_GivesBoth(bool seeks)
    {
        using var stream = new MemoryStream();
        ChecksummedFrame.Write(stream, Name, 1, writer => writer.Write("first"));
        ChecksummedFrame.Write(stream, Name, 2, writer => writer.Write("second"));
        stream.Position = 0;
        using Stream source = seeks ? stream : new BufferedUnseekable(stream);

        Assert.Equal(("first", 1), Text(source));
        Assert.Equal(("second", 2), Text(source));

        static (string, byte) Text(Stream from) =>
            ChecksummedFrame.Read(from, Name, (1, 2), "test", 100, (reader, version) => (reader.ReadString(), version));
    }

    [Fact]
    public void Read_BodyThatIsNotReadToItsEnd_IsRefused()
    {
        using var stream = new MemoryStream();
        ChecksummedFrame.Write(stream, Name, 1, writer => writer.Write(new byte[10]));
        stream.Position = 0;

        var e = Assert.Throws<InvalidDataException>(
            () => ChecksummedFrame.Read(stream, Name, (1, 1), "test", 100, (reader, _) => reader.ReadByte()));

        Assert.Contains("followed by 9 bytes", e.Message, StringComparison.Ordinal);
    }

    private static (InvalidDataException Error, long Allocated) Refusal(Stream stream, long longest)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<InvalidDataException>(
            () => ChecksummedFrame.Read(stream, Name, (1, 1), "test", longest, (reader, _) => reader.ReadByte()));
        return (e, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>A frame of zeros that are nowhere kept, and a hash that does not fit.</summary>
    private sealed class ClaimedStream(long length, int cut = 0) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => 16 + length + 32 - cut;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, Length - Position);
            Span<byte> start = stackalloc byte[16];
            Name.CopyTo(start);
            start[7] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(start[8..], length);
            for (int i = 0; i < count; i++)
            {
                buffer[i] = Position + i < 16 ? start[(int)Position + i] : (byte)0;
            }
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = offset
            + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? Position : Length);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }

    private sealed class BufferedUnseekable(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public sealed class BoundedFileTests : IDisposable
{
    private const int Most = 1 << 17;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Most - 1)]
    [InlineData(Most)]
    public void Read_FileWithinTheLimit_GivesAllBytes(int bytes)
    {
        byte[] content = Content(bytes);
        File.WriteAllBytes(_folder["a.bin"], content);

        Assert.Equal(content, BoundedFile.Read(_folder["a.bin"], Most));
    }

    [Fact]
    public void Read_FileBeyondTheLimit_IsRefusedByName()
    {
        File.WriteAllBytes(_folder["a.bin"], Content(Most + 1));

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => BoundedFile.Read(_folder["a.bin"], Most));

        Assert.StartsWith($"'{_folder["a.bin"]}' has more than {Most} bytes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 5 * Most, 5 * Most)]
    // One that states a length of none, as a device does, is read to a mebibyte.
    [InlineData(true, 100 * Most, 1 << 20)]
    public void Read_StreamWithoutEnd_IsReadNoFurtherThanTheLimit(bool canSeek, int maxBytes, int limit)
    {
        var endless = new EndlessStream(canSeek);

        Assert.Throws<InvalidDataException>(() => BoundedFile.Read(endless, "it", maxBytes));

        Assert.InRange(endless.Given, limit, limit + (1 << 16));
    }

    [Fact]
    public void Read_LongFileFromItsMiddle_IsReadToItsEnd()
    {
        byte[] content = Content(3 << 20);
        using var stream = new MemoryStream(content) { Position = 1 << 20 };

        Assert.Equal(content[(1 << 20)..], BoundedFile.Read(stream, "it", 2 << 20));
    }

    private static byte[] Content(int bytes) => [.. Enumerable.Range(0, bytes).Select(i => (byte)(i * 7))];

    private sealed class EndlessStream(bool canSeek) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => canSeek;

        public override bool CanWrite => false;

        public override long Length => 0;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(1500)]
    public void SavedAndReadBack_AnIndexFindsTheSame(int count)
    {
        using var folder = new TemporaryFolder();
        EmbeddingMatrix rows = SampleMatrices.Awkward(1, count, 40), queries = SampleMatrices.Awkward(2, 9, 40);
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, 40, new FunnelIndexOptions { Widths = [8, 20, 40], Plan = new FunnelPlan(8, 100, 50) });
        for (int id = 0; id < count; id += 7)
        {
            index.Remove(id);
        }
        SearchHit[][] found = index.SearchMany(queries.Values.Span, 20);
        index.Save(folder["index"]);

        using FunnelIndex loaded = FunnelIndex.Load(folder["index"]), opened = FunnelIndex.Open(folder["index"], FunnelFileCheck.Everything);

        foreach (FunnelIndex again in new[] { loaded, opened })
        {
            Assert.Equal(index.Count, again.Count);
            Assert.Equal(index.Widths, again.Widths);
            Assert.Equal(index.Plan!.ToString(), again.Plan!.ToString());
            Assert.Equal(found, again.SearchMany(queries.Values.Span, 20));
            Assert.Equal(count > 1, again.Contains(1));
            Assert.False(again.Contains(7));
            again.Save(folder["again"]);
            Assert.Equal(File.ReadAllBytes(folder["index"]), File.ReadAllBytes(folder["again"]));
        }
        loaded.Add(7, queries.Row(0));
        Assert.True(loaded.Contains(7));
        Assert.Equal(["again", "index"], folder.Files);
    }

    [Fact]
    public void AnOpenedIndex_RefusesChangesAndSaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        using FunnelIndex opened = FunnelIndex.Open(Write(folder));

        Assert.True(opened.IsReadOnly);
        Assert.Contains("Load", Assert.Throws<NotSupportedException>(() => opened.Add(9, new float[5])).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => opened.Remove(1));
        Assert.Throws<NotSupportedException>(opened.Compact);
        opened.Plan = new FunnelPlan(2, 3);
        Assert.Equal(3, opened.Search(new float[5], 3).Length);
    }

    [Fact]
    public void AnotherSavedOverAnOpenFile_LeavesTheOpenOneAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace a file that is mapped.");
        using var folder = new TemporaryFolder();
        using FunnelIndex opened = FunnelIndex.Open(Write(folder));
        using var other = new FunnelIndex(5);

        other.Save(folder["index"]);

        Assert.Equal(3, opened.SearchExact(new float[5], 3).Length);
        Assert.Equal(0, FunnelIndex.Load(folder["index"]).Count);
    }

    [Fact]
    public void AFileCutAtAnyLength_IsRefused()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Write(folder));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(bytes, 0, length)));
            Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new OneWayStream(bytes.AsSpan(0, length).ToArray())));
            if (length % 16 == 0)
            {
                File.WriteAllBytes(folder["cut"], bytes[..length]);
                Assert.Throws<InvalidDataException>(() => FunnelIndex.Open(folder["cut"]));
            }
        }
        Assert.Equal(3, FunnelIndex.Load(new OneWayStream(bytes)).Count);
    }

    [Fact]
    public void AnyByteChanged_IsSeen_AndNeverCrashesASearchOfAFileOpenedUnchecked()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Write(folder));
        var random = new Random(3);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = (byte[])bytes.Clone();
            changed[at] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(changed)));
            // Between the header and the rows there are zeros only.
            if (at is > 200 and < 4090)
            {
                continue;
            }
            File.WriteAllBytes(folder["changed"], changed);
            Assert.Throws<InvalidDataException>(() => FunnelIndex.Open(folder["changed"], FunnelFileCheck.Everything));
            if (at >= 4090)
            {
                using FunnelIndex opened = FunnelIndex.Open(folder["changed"]);
                Assert.InRange(opened.Search([1, 2, 3, 4, 5], 3).Length, 0, 3);
            }
        }
    }

    [Fact]
    public void RowsOfNaNInAFileOpenedUnchecked_AreNotFound()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Write(folder));
        bytes.AsSpan(4096, bytes.Length - 4096 - 32).Fill(0xFF);
        File.WriteAllBytes(folder["changed"], bytes);

        using FunnelIndex opened = FunnelIndex.Open(folder["changed"]);

        Assert.Empty(opened.Search([1, 2, 3, 4, 5], 3));
        Assert.Empty(opened.SearchExact([1, 2, 3, 4, 5], 3));
    }

    [Fact]
    public void BytesAfterTheIndex_AreRefusedInAFileAndLeftInAStream()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. File.ReadAllBytes(Write(folder)), 1, 2];
        File.WriteAllBytes(folder["long"], bytes);

        Assert.Contains("2 bytes after", Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(folder["long"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => FunnelIndex.Open(folder["long"]));
        var stream = new MemoryStream(bytes);
        FunnelIndex.Load(stream).Dispose();
        Assert.Equal(bytes.Length - 2, stream.Position);
    }

    [Theory]
    [InlineData(int.MaxValue - 2000L, 2, int.MaxValue)]
    [InlineData(1L << 40, 2, 5)]
    [InlineData(-1, 2, 5)]
    [InlineData(1_000_000_000, 2, 5)]
    [InlineData(3, 0, 5)]
    [InlineData(3, 5, 5)]
    public void AHeaderThatPromisesWhatIsNotThere_IsRefusedWithoutItsMemory(long count, int first, int last)
    {
        var stream = new MemoryStream();
        CheckedBody.Write(stream, "MRLFUNL"u8, 1, writer =>
        {
            writer.Write(2);
            writer.Write(first);
            writer.Write(last);
            writer.Write(count);
            writer.Write(0);
            writer.Write(0);
        });
        stream.Write(new byte[10_000]);

        Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(stream.ToArray())));
        Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new OneWayStream(stream.ToArray())));
    }

    [Fact]
    public void SomethingElse_IsRefused()
    {
        Assert.Contains("not a saved index", Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(Encoding.UTF8.GetBytes("This is not one of them, is it?")))).Message, StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder)
    {
        using var index = new FunnelIndex(5, new FunnelIndexOptions { Widths = [2, 3, 5] });
        index.Add([1, 2, 3], SampleMatrices.Random(4, 3, 5).Values.Span);
        index.Save(folder["index"]);
        return folder["index"];
    }

    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class FunnelIndexFileTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(32, false)]
    [InlineData(1500, false)]
    [InlineData(1, true)]
    [InlineData(5000, true)]
    public void SavedAndReadBack_AnIndexFindsTheSame(int count, bool hasGraph)
    {
        using var folder = new TemporaryFolder();
        EmbeddingMatrix rows = SampleMatrices.Awkward(1, count, 40), queries = SampleMatrices.Awkward(2, 9, 40);
        FunnelPlan plan = hasGraph ? new FunnelPlan(8, EmbeddingType.Int8, 100, 150, 20, 50) : FunnelPlan.Exact;
        using FunnelIndex index = FunnelIndex.Build(rows.Values.Span, 40, new FunnelIndexOptions { Prefixes = [8, 20, 40], Plan = plan });
        for (int id = 0; id < count; id += 7)
        {
            index.Remove(id);
        }
        SearchHit[][] found = index.SearchMany(queries.Values.Span, 20);
        index.Save(folder["index"]);

        using FunnelIndex loaded = FunnelIndex.Load(folder["index"]), opened = FunnelIndex.Open(folder["index"]);

        foreach (FunnelIndex again in new[] { loaded, opened })
        {
            Assert.Equal(index.Count, again.Count);
            Assert.Equal(index.Prefixes, again.Prefixes);
            Assert.Equal(index.Plan!.ToString(), again.Plan!.ToString());
            Assert.Equal(index.GraphBytes > 0, again.GraphBytes > 0);
            Assert.Equal(found, again.SearchMany(queries.Values.Span, 20));
            Assert.Equal(index.SearchExactMany(queries.Values.Span, 20), again.SearchExactMany(queries.Values.Span, 20));
            Assert.Equal(count > 1, again.Contains(1));
            Assert.False(again.Contains(7));
            again.Save(folder["again"]);
            Assert.Equal(File.ReadAllBytes(folder["index"]), File.ReadAllBytes(folder["again"]));
        }
        float[] added = SampleMatrices.Random(3, 1, 40).Values.ToArray();
        loaded.Add(7, added);
        Assert.True(loaded.Contains(7));
        Assert.Equal(7, loaded.Search(added, 5)[0].Id);
        for (int id = 1; id < count; id += 2)
        {
            loaded.Remove(id);
        }
        loaded.Compact();
        loaded.Save(folder["again"]);
        using FunnelIndex compacted = FunnelIndex.Load(folder["again"]);
        Assert.Equal(loaded.SearchMany(queries.Values.Span, 20), compacted.SearchMany(queries.Values.Span, 20));
        Assert.Equal(["again", "index"], folder.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFileThatIsWrittenOverInPlace_IsNoticed(bool isCut)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets nobody write to a file that is open.");
        using var folder = new TemporaryFolder();
        using FunnelIndex first = FunnelIndex.Build(
            SampleMatrices.Random(5, 3000, 32).Values.Span, 32,
            new FunnelIndexOptions { Plan = new FunnelPlan(16, EmbeddingType.Int8, 20) });
        using FunnelIndex second = FunnelIndex.Build(
            SampleMatrices.Random(6, 2500, 32).Values.Span, 32,
            new FunnelIndexOptions { Plan = new FunnelPlan(16, EmbeddingType.Int8, 20) });
        first.Save(folder["served"]);
        second.Save(folder["new"]);
        float[] query = SampleMatrices.Random(7, 1, 32).Values.ToArray();
        using FunnelIndex served = FunnelIndex.Open(folder["served"]);
        SearchHit[] found = first.Search(query, 10);
        Assert.Equal(found, served.Search(query, 10));

        // What cp does: the same file gets other bytes. No other process of .NET would be let.
        Shell(isCut ? $": > '{folder["served"]}'" : $"cat '{folder["new"]}' > '{folder["served"]}'");

        foreach (Action search in new Action[]
        {
            () => served.Search(query, 10), () => served.SearchMany([.. query, .. query], 10), () => served.SearchExact(query, 10),
            () => served.Save(folder["copy"]),
        })
        {
            Assert.Contains("was changed while it was open", Assert.Throws<InvalidDataException>(search).Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(folder["copy"]));
        // Brought back, it serves again.
        using (var bytes = new MemoryStream())
        {
            first.Save(bytes);
            File.WriteAllBytes(folder["whole"], bytes.ToArray());
        }
        Shell($"cat '{folder["whole"]}' > '{folder["served"]}'");
        Assert.Equal(found, served.Search(query, 10));
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
        opened.SetPlan(new FunnelPlan(2, EmbeddingType.Int8, 1));
        Assert.True(opened.GraphBytes > 0);
        Assert.Equal(3, opened.Search(new float[5], 3).Length);
        Assert.Single(opened.Search([1, 2, 3, 4, 5], 1));
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
    public void AnyByteChanged_IsSeen()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Write(folder));
        var random = new Random(3);
        int rows = bytes.Length - (3 * 16 * sizeof(float));
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = (byte[])bytes.Clone();
            changed[at] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(changed)));
            if (at % 8 == 0 || at >= rows)
            {
                File.WriteAllBytes(folder["changed"], changed);
            }
            if (at % 8 == 0 && at < rows)
            {
                Assert.Throws<InvalidDataException>(() => FunnelIndex.Open(folder["changed"]));
            }
            if (at >= rows)
            {
                using FunnelIndex opened = FunnelIndex.Open(folder["changed"]);
                Assert.Throws<InvalidDataException>(() => opened.SearchExact([1, 2, 3, 4, 5], 3));
            }
        }
    }

    [Fact]
    public void BytesAfterTheIndex_AreRefusedInAFileAndLeftInAStream()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. File.ReadAllBytes(Write(folder)), 1, 2];
        File.WriteAllBytes(folder["long"], bytes);

        Assert.Contains(
            "2 bytes after", Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(folder["long"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => FunnelIndex.Open(folder["long"]));
        var stream = new MemoryStream(bytes);
        FunnelIndex.Load(stream).Dispose();
        Assert.Equal(bytes.Length - 2, stream.Position);
    }

    [Theory]
    [InlineData(int.MaxValue - 2000L, int.MaxValue)]
    [InlineData(1L << 40, 5)]
    [InlineData(-1, 5)]
    [InlineData(1_000_000_000, 5)]
    [InlineData(3, 0)]
    [InlineData(3, 1_000_000_000)]
    public void AHeaderThatPromisesWhatIsNotThere_IsRefusedWithoutItsMemory(long count, int dimensions)
    {
        var stream = new MemoryStream();
        ChecksummedFrame.Write(stream, "MRLFUNL"u8, 4, writer =>
        {
            writer.Write(dimensions);
            writer.Write(false);
            writer.Write(1);
            writer.Write(dimensions);
            writer.Write(count);
            writer.Write(false);
            writer.Write(0);
            writer.Write(0);
            writer.Write(0);
            writer.Write(0);
        });
        stream.Write(new byte[10_000]);

        Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(stream.ToArray())));
        Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new OneWayStream(stream.ToArray())));
    }

    [Fact]
    public void AnOlderFile_IsRefused()
    {
        var stream = new MemoryStream();
        ChecksummedFrame.Write(stream, "MRLFUNL"u8, 1, writer => writer.Write(0));

        Assert.Contains(
            "format version 1", Assert.Throws<InvalidDataException>(() => FunnelIndex.Load(new MemoryStream(stream.ToArray()))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void SomethingElse_IsRefused()
    {
        Assert.Contains(
            "not a saved index",
            Assert.Throws<InvalidDataException>(
                () => FunnelIndex.Load(new MemoryStream(Encoding.UTF8.GetBytes("This is not one of them, is it?"))))
                .Message, StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder)
    {
        using var index = new FunnelIndex(
            5, new FunnelIndexOptions { Prefixes = [2, 3, 5], Plan = new FunnelPlan(3, EmbeddingType.Single, 2) });
        index.Add([1, 2, 3], SampleMatrices.Random(4, 3, 5).Values.Span);
        index.Save(folder["index"]);
        return folder["index"];
    }

    private static void Shell(string command)
    {
        using var process = System.Diagnostics.Process.Start("/bin/sh", ["-c", command]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

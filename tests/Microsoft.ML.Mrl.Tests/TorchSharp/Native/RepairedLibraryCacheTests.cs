using System.Runtime.Versioning;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

[SupportedOSPlatform("linux")]
public sealed class RepairedLibraryCacheTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mrl-cache-test-");
    private readonly byte[] _original = Content(1);
    private readonly byte[] _repaired = Content(2);
    private readonly string _directory;

    public RepairedLibraryCacheTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the cache.");
        _directory = Path.Combine(_root.FullName, "not", "there", "yet");
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Store_EmptyCache_WritesTheFileForThisUserOnly()
    {
        string path = new RepairedLibraryCache(_directory).Store(_original, _repaired);

        Assert.Equal(_repaired, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Store_IntactFile_LeavesItAsItIs()
    {
        var cache = new RepairedLibraryCache(_directory);
        string path = cache.Store(_original, _repaired);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        cache.Store(_original, _repaired);

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(-1)]
    public void Store_DamagedFile_WritesItAgain(int keptLength)
    {
        var cache = new RepairedLibraryCache(_directory);
        string path = cache.Store(_original, _repaired);
        byte[] damaged = [.. _repaired];
        damaged[500] ^= 1;
        File.WriteAllBytes(path, keptLength < 0 ? damaged : damaged[..keptLength]);

        Assert.Equal(path, cache.Store(_original, _repaired));

        Assert.Equal(_repaired, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void Store_LinkInPlaceOfTheFile_ReplacesTheLinkAndLeavesItsTarget()
    {
        var cache = new RepairedLibraryCache(_directory);
        string path = cache.Store(_original, _repaired);
        string elsewhere = Path.Combine(_root.FullName, "elsewhere");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);

        cache.Store(_original, Content(3));

        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal(_repaired, File.ReadAllBytes(elsewhere));
    }

    [Fact]
    public void Store_LinkInPlaceOfTheFolder_Refuses()
    {
        string link = Path.Combine(_root.FullName, "link");
        Directory.CreateSymbolicLink(link, _root.CreateSubdirectory("target").FullName);

        var e = Assert.Throws<IOException>(() => new RepairedLibraryCache(link).Store(_original, _repaired));

        Assert.Contains("is a link", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_FileInPlaceOfTheFolder_ThrowsIOException()
    {
        string file = Path.Combine(_root.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Throws<IOException>(() => new RepairedLibraryCache(file).Store(_original, _repaired));
    }

    [Fact]
    public void Store_OpenFolder_IsClosedToOthers()
    {
        Directory.CreateDirectory(_directory);
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_111_111);

        new RepairedLibraryCache(_directory).Store(_original, _repaired);

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_directory));
    }

    [Fact]
    public void Store_TwoOriginals_AreKeptApart()
    {
        var cache = new RepairedLibraryCache(_directory);

        string first = cache.Store(_original, _repaired);
        string second = cache.Store(Content(4), Content(5));

        Assert.NotEqual(first, second);
        Assert.Equal(_repaired, File.ReadAllBytes(first));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1000)]
    public void Store_ManyThreadsAtOnce_EachSeesTheWholeFile(int damagedLength)
    {
        const int threads = 12;
        for (int round = 0; round < 10; round++)
        {
            string directory = Path.Combine(_directory, $"{round}");
            if (damagedLength >= 0)
            {
                File.WriteAllBytes(new RepairedLibraryCache(directory).Store(_original, _repaired), _repaired[..damagedLength]);
            }
            var seen = new byte[]?[threads];
            var failures = new Exception?[threads];
            using var start = new Barrier(threads);
            Thread[] all = [.. Enumerable.Range(0, threads).Select(t => new Thread(() =>
            {
                try
                {
                    start.SignalAndWait();
                    seen[t] = File.ReadAllBytes(new RepairedLibraryCache(directory).Store(_original, _repaired));
                }
                catch (Exception e)
                {
                    failures[t] = e;
                }
            }))];
            Array.ForEach(all, t => t.Start());
            Array.ForEach(all, t => t.Join());

            Assert.All(failures, Assert.Null);
            Assert.All(seen, s => Assert.True(_repaired.AsSpan().SequenceEqual(s)));
            Assert.Single(Directory.GetFileSystemEntries(directory));
        }
    }

    private static byte[] Content(int seed)
    {
        byte[] content = new byte[300_000];
        new Random(seed).NextBytes(content);
        return content;
    }
}

using System.IO.Compression;
using System.Reflection;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>A saved model as a .zip whose parts are not packed, so that a byte of the file is a byte of a part.</summary>
internal static class UnpackedModel
{
    public static byte[] Of(MLContext ml, ITransformer model, DataViewSchema? schema)
    {
        using MemoryStream packed = new(), result = new();
        ml.Model.Save(model, schema, packed);
        using (var source = new ZipArchive(packed, ZipArchiveMode.Read, leaveOpen: true))
        using (var target = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using Stream from = entry.Open(), to = target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                from.CopyTo(to);
            }
        }
        return result.ToArray();
    }

    /// <summary>Where the parts of a name stand in the file, in the order of the file.</summary>
    public static (int Start, int Length)[] Find(byte[] saved, params string[] names)
    {
        using var archive = new ZipArchive(new MemoryStream(saved));
        return [.. archive.Entries.Where(entry => names.Contains(Path.GetFileName(entry.FullName.Replace('\\', '/')))).Select(entry =>
        {
            using Stream content = entry.Open();
            var bytes = new byte[entry.Length];
            content.ReadExactly(bytes);
            int start = saved.AsSpan().IndexOf(bytes);
            Assert.True(start > 0 && saved.AsSpan(start + 1).IndexOf(bytes) < 0);
            return (start, bytes.Length);
        })];
    }

    public static byte[] WithFlippedBit(byte[] saved, int at)
    {
        byte[] damaged = [.. saved];
        damaged[at] ^= (byte)(1 << (at % 8));
        return damaged;
    }

    /// <summary>What a step threw, which ML.NET hands on inside exceptions of its own.</summary>
    public static Exception Refusal(MLContext ml, byte[] saved)
    {
        Exception thrown = Assert.ThrowsAny<Exception>(() => ml.Model.Load(new MemoryStream(saved), out _));
        while (thrown is TargetInvocationException { InnerException: { } inner })
        {
            thrown = inner;
        }
        return thrown;
    }
}

using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

/// <summary>What the cases of the contract need of a record.</summary>
internal interface INote
{
    long Key { get; set; }

    string Text { get; set; }

    int Number { get; set; }

    bool Draft { get; set; }

    ReadOnlyMemory<float> Vector { get; set; }
}

/// <summary>A record with a full and a short vector.</summary>
internal sealed class Note : INote
{
    public const int Width = 8;
    public const int ShortWidth = 3;

    [VectorStoreKey]
    public long Key { get; set; }

    [VectorStoreData(StorageName = "text")]
    public string Text { get; set; } = "";

    [VectorStoreData(StorageName = "number")]
    public int Number { get; set; }

    [VectorStoreData]
    public bool Draft { get; set; }

    [VectorStoreVector(Width)]
    public ReadOnlyMemory<float> Vector { get; set; }

    [VectorStoreVector(ShortWidth)]
    public ReadOnlyMemory<float> Short { get; set; }

    public static void Clear(Note note) => (note.Vector, note.Short) = (default, default);
}

/// <summary>A record of a table that keeps the short vectors in its index alone.</summary>
internal sealed class PlainNote : INote
{
    [VectorStoreKey]
    public long Key { get; set; }

    [VectorStoreData(StorageName = "text")]
    public string Text { get; set; } = "";

    [VectorStoreData(StorageName = "number")]
    public int Number { get; set; }

    [VectorStoreData]
    public bool Draft { get; set; }

    [VectorStoreVector(Note.Width)]
    public ReadOnlyMemory<float> Vector { get; set; }
}

/// <summary>Made records.</summary>
internal static class Notes
{
    public static float[] Vector(int seed, int width = Note.Width)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, width).Select(i => (random.NextSingle() - 0.5f) / (1 + i))];
    }

    public static TNote[] Make<TNote>(int count)
        where TNote : INote, new() => [.. Enumerable.Range(0, count).Select(i => new TNote
        {
            Key = 100 + i,
            Text = new[] { "foo", "bar", "it's" }[i % 3],
            Number = 1 + i,
            Draft = i % 4 == 0,
            Vector = Vector(i),
        })];

    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            (dot, aa, bb) = (dot + ((double)a[i] * b[i]), aa + ((double)a[i] * a[i]), bb + ((double)b[i] * b[i]));
        }
        return dot / Math.Sqrt(aa * bb);
    }

    public static async Task<List<T>> ListAsync<T>(this IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (T item in items)
        {
            list.Add(item);
        }
        return list;
    }
}

using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

/// <summary>
/// The documented contract of <see cref="VectorStoreCollection{TKey, TRecord}"/>, case by case as in the conformance tests of
/// Microsoft.Extensions.VectorData (collection management, basic model, filters).
/// </summary>
internal static class CollectionContract
{
    public static async Task CheckAllAsync<TNote>(VectorStoreCollection<long, TNote> collection, CancellationToken cancellation)
        where TNote : class, INote, new()
    {
        await ManagementAsync(collection, cancellation);
        TNote[] notes = Notes.Make<TNote>(12);
        await collection.EnsureCollectionExistsAsync(cancellation);
        await collection.UpsertAsync(notes, cancellation);
        await GetAsync(collection, notes, cancellation);
        await FilterAsync(collection, notes);
        await SearchAsync(collection, notes);
        await WriteAsync(collection, notes, cancellation);
        await DeleteAsync(collection, notes, cancellation);
        await collection.EnsureCollectionDeletedAsync(cancellation);
    }

    private static async Task ManagementAsync<TNote>(VectorStoreCollection<long, TNote> collection, CancellationToken cancellation)
        where TNote : class, INote, new()
    {
        Assert.False(await collection.CollectionExistsAsync(cancellation));
        await collection.EnsureCollectionExistsAsync(cancellation);
        await collection.EnsureCollectionExistsAsync(cancellation);
        Assert.True(await collection.CollectionExistsAsync(cancellation));
        await collection.EnsureCollectionDeletedAsync(cancellation);
        Assert.False(await collection.CollectionExistsAsync(cancellation));
        await collection.EnsureCollectionDeletedAsync(cancellation);
        var metadata = Assert.IsType<VectorStoreCollectionMetadata>(collection.GetService(typeof(VectorStoreCollectionMetadata)));
        Assert.NotNull(metadata.VectorStoreSystemName);
        Assert.Equal(collection.Name, metadata.CollectionName);
        Assert.Same(collection, collection.GetService(collection.GetType()));
        Assert.Null(collection.GetService(typeof(Uri)));
    }

    private static async Task GetAsync<TNote>(VectorStoreCollection<long, TNote> collection, TNote[] notes, CancellationToken cancellation)
        where TNote : class, INote, new()
    {
        foreach (bool vectors in new[] { false, true })
        {
            AssertSame(notes[0], await collection.GetAsync(notes[0].Key, new() { IncludeVectors = vectors }, cancellation), vectors);
            List<TNote> several = await collection.GetAsync(
                [notes[3].Key, 9999, notes[4].Key], new() { IncludeVectors = vectors }, cancellation).ListAsync();
            Assert.Equal(2, several.Count);
            Assert.All(several, note => AssertSame(notes.Single(n => n.Key == note.Key), note, vectors));
            AssertSame(
                notes[0], Assert.Single(
                    await collection.GetAsync(n => n.Number == 1, 2, new() { IncludeVectors = vectors }, cancellation).ListAsync()),
                    vectors);
        }
        Assert.Null(await collection.GetAsync(9999, cancellationToken: cancellation));
        Assert.Empty(await collection.GetAsync([], cancellationToken: cancellation).ListAsync());
        Assert.Equal(
            "keys", (await Assert.ThrowsAsync<ArgumentNullException>(
                () => collection.GetAsync(keys: null!, cancellationToken: cancellation).ListAsync())).ParamName);
        Assert.Equal(notes.Length, (await collection.GetAsync(n => true, 100, cancellationToken: cancellation).ListAsync()).Count);
        Assert.Equal("2 3", await Numbers(new() { OrderBy = o => o.Ascending(n => n.Number) }));
        Assert.Equal("12 11", await Numbers(new() { OrderBy = o => o.Descending(n => n.Number) }));
        Assert.Equal("3 4", await Numbers(new() { OrderBy = o => o.Ascending(n => n.Number), Skip = 1 }));
        Assert.Equal("3 6", await Numbers(new() { OrderBy = o => o.Descending(n => n.Text).Ascending(n => n.Number) }));
        Assert.Equal("12 9", await Numbers(new() { OrderBy = o => o.Descending(n => n.Text).Descending(n => n.Number) }));

        async Task<string> Numbers(FilteredRecordRetrievalOptions<TNote> options) =>
            string.Join(' ', (await collection.GetAsync(n => n.Number > 1, 2, options, cancellation).ListAsync()).Select(n => n.Number));
    }

    private static async Task FilterAsync<TNote>(VectorStoreCollection<long, TNote> collection, TNote[] notes)
        where TNote : class, INote, new()
    {
        int captured = 8;
        string? none = null;
        int? noNumber = null, number = 8;
        int[] numbers = [3, 5, 99];
        List<string> texts = ["foo", "it's", "unknown"];
        string injection = $"foo'; DROP TABLE {collection.Name}; --";
        Expression<Func<TNote, bool>>[] filters =
        [
            n => n.Number == 8, n => 8 == n.Number, n => n.Number == captured, n => n.Number == number, n => n.Number == noNumber,
            n => n.Number != 8,
            n => n.Text == "foo", n => n.Text == "it's", n => n.Text == injection, n => n.Text != "foo", n => n.Text == null,
            n => n.Text == none, n => n.Text != none,
            n => n.Draft, n => !n.Draft, n => n.Draft == false, n => n.Draft && n.Draft, n => n.Draft || !n.Draft,
            n => !n.Draft && n.Number != int.MaxValue,
            n => n.Number > 9, n => n.Number >= 9, n => n.Number < 9, n => n.Number <= 9, n => 9 < n.Number, n => n.Key >= 105,
            n => n.Number == 8 && n.Text == "bar", n => n.Number == 8 || n.Text == "foo",
            n => (n.Number == 8 || n.Number == 9) && n.Text == "it's",
            n => (n.Number == 8 && n.Text == "bar") || n.Number == 1, n => !(n.Number == 8), n => !(n.Number != 8),
            n => !(n.Number == 8 && n.Text == "bar"), n => !(n.Number == 8 || n.Text == "foo"),
            n => numbers.Contains(n.Number), n => new[] { 8, 10 }.Contains(n.Number), n => texts.Contains(n.Text),
            n => !texts.Contains(n.Text), n => new[] { "foo", "un  , ' \"" }.Contains(n.Text),
            n => Enumerable.Contains(numbers, n.Number), n => true, n => false,
        ];
        foreach (Expression<Func<TNote, bool>> filter in filters)
        {
            long[] expected = [.. notes.Where(filter.Compile()).Select(n => n.Key).Order()];
            Assert.Equal(expected, (await collection.GetAsync(filter, 100).ListAsync()).Select(n => n.Key).Order());
            List<VectorSearchResult<TNote>> found = await collection.SearchAsync(
                new ReadOnlyMemory<float>(Notes.Vector(77)), 100, new() { Filter = filter }).ListAsync();
            Assert.Equal(expected, found.Select(r => r.Record.Key).Order());
        }
    }

    private static async Task SearchAsync<TNote>(VectorStoreCollection<long, TNote> collection, TNote[] notes)
        where TNote : class, INote, new()
    {
        float[] query = Notes.Vector(42);
        (TNote Note, double Score)[] truth = [
            .. notes.Select(n => (n, Notes.Cosine(n.Vector.Span, query))).OrderByDescending(n => n.Item2)];
        foreach (
            object value in new object[] { new ReadOnlyMemory<float>(query), query, new Microsoft.Extensions.AI.Embedding<float>(query) })
        {
            foreach (bool vectors in new[] { false, true })
            {
                List<VectorSearchResult<TNote>> found = await collection.SearchAsync(value, 4, new() { IncludeVectors = vectors, Skip = 2 })
                    .ListAsync();
                Assert.Equal(truth[2..6].Select(t => t.Note.Key), found.Select(r => r.Record.Key));
                Assert.All(found.Zip(truth[2..6]), pair =>
                {
                    AssertSame(pair.Second.Note, pair.First.Record, vectors);
                    Assert.Equal(pair.Second.Score, pair.First.Score!.Value, 1e-5);
                });
            }
        }
        double threshold = (truth[4].Score + truth[5].Score) / 2;
        Assert.Equal(5, (await collection.SearchAsync(query, 10, new() { ScoreThreshold = threshold }).ListAsync()).Count);
        Assert.Equal(4, (await collection.SearchAsync(query, 10, new() { ScoreThreshold = threshold, Skip = 1 }).ListAsync()).Count);
        Assert.Empty(await collection.SearchAsync(query, 10, new() { Skip = notes.Length }).ListAsync());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("top", () => collection.SearchAsync(query, 0).ListAsync());
        await Assert.ThrowsAsync<ArgumentNullException>("searchValue", () => collection.SearchAsync<float[]>(null!, 1).ListAsync());
    }

    private static async Task WriteAsync<TNote>(
        VectorStoreCollection<long, TNote> collection, TNote[] notes, CancellationToken cancellation)
        where TNote : class, INote, new()
    {
        TNote inserted = new() { Key = 500, Text = "new", Number = 123, Vector = Notes.Vector(500) };
        Assert.Null(await collection.GetAsync(500, cancellationToken: cancellation));
        await collection.UpsertAsync(inserted, cancellation);
        AssertSame(inserted, await collection.GetAsync(500, new() { IncludeVectors = true }, cancellation), true);
        TNote[] both =
        [
            new() { Key = 501, Text = "new", Number = 124, Vector = Notes.Vector(501) },
            new() { Key = notes[0].Key, Text = "updated", Number = 125, Draft = true, Vector = Notes.Vector(502) },
        ];
        await collection.UpsertAsync(both, cancellation);
        List<TNote> received = await collection.GetAsync([501, notes[0].Key], new() { IncludeVectors = true }, cancellation).ListAsync();
        Assert.All(both, note => AssertSame(note, received.Single(r => r.Key == note.Key), true));
        Assert.Equal(
            notes[0].Key,
            Assert.Single(await collection.SearchAsync(Notes.Vector(502), 1, cancellationToken: cancellation).ListAsync()).Record.Key);
        await collection.UpsertAsync([], cancellation);
        Assert.Equal(14, (await collection.GetAsync(n => true, 100, cancellationToken: cancellation).ListAsync()).Count);
        await Assert.ThrowsAsync<ArgumentNullException>("records", () => collection.UpsertAsync(records: null!, cancellation));
    }

    private static async Task DeleteAsync<TNote>(
        VectorStoreCollection<long, TNote> collection, TNote[] notes, CancellationToken cancellation)
        where TNote : class, INote, new()
    {
        await collection.DeleteAsync(500, cancellation);
        Assert.Null(await collection.GetAsync(500, cancellationToken: cancellation));
        await collection.DeleteAsync([501, notes[0].Key, 9999], cancellation);
        await collection.DeleteAsync(9999, cancellation);
        await collection.DeleteAsync([], cancellation);
        Assert.Equal(notes.Length - 1, (await collection.GetAsync(n => true, 100, cancellationToken: cancellation).ListAsync()).Count);
        await Assert.ThrowsAsync<ArgumentNullException>("keys", () => collection.DeleteAsync(keys: null!, cancellation));
    }

    private static void AssertSame<TNote>(TNote expected, TNote? found, bool vectors)
        where TNote : class, INote
    {
        Assert.NotNull(found);
        Assert.Equal((expected.Key, expected.Text, expected.Number, expected.Draft), (found.Key, found.Text, found.Number, found.Draft));
        Assert.Equal(vectors ? expected.Vector.ToArray() : [], found.Vector.ToArray());
    }
}

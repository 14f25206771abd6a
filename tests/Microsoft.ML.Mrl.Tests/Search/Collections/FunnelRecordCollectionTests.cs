using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Tests.ExtensionsAI;
using Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

namespace Microsoft.ML.Mrl.Tests.Search.Collections;

public sealed class FunnelRecordCollectionTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collection_KeepsTheContract()
    {
        using var index = new FunnelIndex(Note.Width);
        VectorStoreCollection<long, PlainNote> collection = index.AsVectorStoreCollection<long, PlainNote>("items");

        await CollectionContract.CheckAllAsync(collection, _cancellation);

        Assert.Equal(0, index.Count);
        Assert.Same(index, collection.GetService(typeof(FunnelIndex)));
    }

    [Fact]
    public async Task Collection_RecordsChangedByTheCaller_StayAsUpserted()
    {
        using var index = new FunnelIndex(Note.Width);
        VectorStoreCollection<long, PlainNote> collection = index.AsVectorStoreCollection<long, PlainNote>("items");
        float[] vector = Notes.Vector(1);
        var note = new PlainNote { Key = 1, Text = "first", Vector = vector };
        await collection.UpsertAsync([new PlainNote { Key = 1, Text = "overwritten", Vector = Notes.Vector(2) }, note], _cancellation);
        note.Text = "second";
        vector[0] = 99;
        PlainNote received = (await collection.GetAsync(1, new() { IncludeVectors = true }, _cancellation))!;
        Assert.Equal(("first", Notes.Vector(1)[0]), (received.Text, received.Vector.Span[0]));
        received.Text = "third";

        Assert.Equal("first", (await collection.GetAsync(1, cancellationToken: _cancellation))!.Text);
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public async Task Collection_ManyAtOnce_FindsWhatIsThere()
    {
        using var index = new FunnelIndex(Note.Width);
        VectorStoreCollection<long, PlainNote> collection = index.AsVectorStoreCollection<long, PlainNote>("items");
        PlainNote[] notes = Notes.Make<PlainNote>(400);
        await collection.UpsertAsync(notes[..100], _cancellation);

        await Parallel.ForAsync(0, 8, _cancellation, async (worker, cancellation) =>
        {
            for (int i = 0; i < 20; i++)
            {
                await collection.UpsertAsync(notes[100 + (worker * 20) + i], cancellation);
                await collection.DeleteAsync(notes[worker].Key, cancellation);
                List<VectorSearchResult<PlainNote>> found = await collection.SearchAsync(notes[50].Vector, 5, null, cancellation)
                    .ListAsync();
                Assert.Equal(notes[50].Key, found[0].Record.Key);
            }
        });

        Assert.Equal(100 - 8 + 160, index.Count);
    }

    [Fact]
    public async Task Collection_WrongRecords_SayWhatIsWrong()
    {
        using var index = new FunnelIndex(Note.Width);
        VectorStoreCollection<long, PlainNote> collection = index.AsVectorStoreCollection<long, PlainNote>("items");
        PlainNote[] wrong = [new() { Key = 1, Vector = Notes.Vector(1) }, new() { Key = 2, Vector = new float[3] }];
        Assert.Contains(
            "Record 1 of the batch, counted from 0, has 3 values",
            (await Assert.ThrowsAsync<ArgumentException>("records", () => collection.UpsertAsync(wrong, _cancellation))).Message,
            StringComparison.Ordinal);
        wrong[1].Vector = new float[] { float.NaN, 2, 3, 4, 5, 6, 7, 8 };
        await Assert.ThrowsAnyAsync<ArgumentException>(() => collection.UpsertAsync(wrong, _cancellation));
        Assert.Contains(
            "Record 1 of the batch, counted from 0, is null",
            (await Assert.ThrowsAsync<ArgumentException>("records", () => collection.UpsertAsync([wrong[0], null!], _cancellation))).Message,
            StringComparison.Ordinal);
        Assert.Equal(0, index.Count);
        await Assert.ThrowsAsync<NotSupportedException>(() => collection.SearchAsync("text", 1, null, _cancellation).ListAsync());

        index.Add(1, Notes.Vector(1));
        Assert.Contains(
            "The index has 1 rows", Assert.Throws<ArgumentException>("index", () => index.AsVectorStoreCollection<long, PlainNote>("items"))
            .Message, StringComparison.Ordinal);
        using var narrow = new FunnelIndex(Note.Width - 1);
        Assert.Contains(
            "Property 'Vector' has 8 dimensions, but the index's vectors have 7", Assert.Throws<ArgumentException>(
                "definition", () => narrow.AsVectorStoreCollection<long, PlainNote>("items")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collection_TextsWithGenerator_AreEmbedded()
    {
        using var generator = new NumberedGenerator(Note.Width);
        using var index = new FunnelIndex(Note.Width);
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("id", typeof(string)), new VectorStoreDataProperty("tags", typeof(string[])),
                new VectorStoreVectorProperty("text", typeof(string), Note.Width),
            ],
        };
        VectorStoreCollection<object, Dictionary<string, object?>> collection =
            index.AsVectorStoreCollection<object, Dictionary<string, object?>>("items", definition, generator);
        await collection.UpsertAsync(
            new[] { "apple", "zebra", "moon" }.Select(
                text => new Dictionary<string, object?> { ["id"] = text, ["tags"] = new[] { text[..1] }, ["text"] = text }), _cancellation);
        Assert.Equal(1, generator.Calls);

        VectorSearchResult<Dictionary<string, object?>> found =
            (await collection.SearchAsync("moon", 1, new() { Filter = r => ((string[])r["tags"]!).Contains("m") }, _cancellation)
                .ListAsync()).Single();
        Assert.Equal(("moon", "moon"), (found.Record["id"], found.Record["text"]));
        await Assert.ThrowsAsync<NotSupportedException>(() => collection.GetAsync("moon", new() { IncludeVectors = true }, _cancellation));
    }
}

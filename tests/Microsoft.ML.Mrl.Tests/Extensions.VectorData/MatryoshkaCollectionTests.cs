using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Tests.ExtensionsAI;

namespace Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

public sealed class MatryoshkaCollectionTests
{
    private readonly MemoryCollection<long, Note> _inner = new(note => note.Key, nameof(Note.Vector), Note.Clear);
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collection_KeepsTheContract()
    {
        await CollectionContract.CheckAllAsync(_inner, _cancellation);
        await CollectionContract.CheckAllAsync(Make(), _cancellation);
    }

    [Fact]
    public async Task Upsert_FillsShortVectors_AtUnitLength()
    {
        VectorStoreCollection<long, Note> collection = Make();
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(5);

        await collection.UpsertAsync(notes[0], _cancellation);
        await collection.UpsertAsync(notes[1..], _cancellation);

        Assert.Equal(2, _inner.Upserts);
        Assert.All(notes, note =>
        {
            float[] prefix = note.Vector.ToArray()[..Note.ShortWidth];
            double length = Math.Sqrt(prefix.Sum(v => (double)v * v));
            Assert.All(prefix.Zip(_inner.Records![note.Key].Short.ToArray()), pair => Assert.Equal(pair.First / length, pair.Second, 1e-6));
        });
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 5)]
    [InlineData(10, 20)]
    public async Task Search_IsCandidatesByShortThenFullOrder(double oversampling, int least)
    {
        VectorStoreCollection<long, Note> collection = Make(new() { Oversampling = oversampling, MinNumberOfCandidates = least });
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(200);
        await collection.UpsertAsync(notes, _cancellation);
        const int Top = 4, Skip = 2;
        int candidates = (int)Math.Max(least, oversampling * (Top + Skip));

        for (int seed = 1000; seed < 1020; seed++)
        {
            float[] query = Notes.Vector(seed);
            IEnumerable<Note> byShort = notes.Where(n => n.Number % 2 == 0)
                .OrderByDescending(n => Notes.Cosine(n.Vector.Span[..Note.ShortWidth], query)).Take(candidates);
            Note[] expected = [.. byShort.OrderByDescending(n => Notes.Cosine(n.Vector.Span, query)).Skip(Skip).Take(Top)];

            List<VectorSearchResult<Note>> found =
                await collection.SearchAsync(query, Top, new() { Skip = Skip, Filter = n => n.Number % 2 == 0 }, _cancellation).ListAsync();

            Assert.Equal(expected.Select(n => n.Key), found.Select(r => r.Record.Key));
            Assert.All(
                expected.Zip(found), pair => Assert.Equal(Notes.Cosine(pair.First.Vector.Span, query), pair.Second.Score!.Value, 1e-5));
            Assert.Equal((candidates, 0), (_inner.Asked!.Value.Top, _inner.Asked.Value.Options.Skip));
            Assert.Equal(Note.ShortWidth, Assert.IsType<ReadOnlyMemory<float>>(_inner.Asked.Value.Value).Length);
        }
    }

    /// <summary>A store in memory may return what it keeps: taking vectors out of results must not take them out of the store.</summary>
    [Fact]
    public async Task Search_WithoutVectors_LeavesTheStoreAsItIs()
    {
        var inner = new MemoryCollection<long, Note>(note => note.Key, nameof(Note.Vector));
        VectorStoreCollection<long, Note> collection = inner.AsMatryoshka(n => n.Vector, n => n.Short);
        await collection.EnsureCollectionExistsAsync(_cancellation);
        await collection.UpsertAsync(Notes.Make<Note>(5), _cancellation);

        List<VectorSearchResult<Note>> found = await collection.SearchAsync(Notes.Vector(1), 5, null, _cancellation).ListAsync();

        Assert.All(found, result => Assert.True(result.Record.Vector.IsEmpty && result.Record.Short.IsEmpty));
        Assert.All(inner.Records!.Values, note => Assert.Equal((Note.Width, Note.ShortWidth), (note.Vector.Length, note.Short.Length)));
    }

    [Fact]
    public async Task Search_ByOtherPropertyThanTheFull_IsPassedOn()
    {
        VectorStoreCollection<long, Note> collection = Make();
        await collection.EnsureCollectionExistsAsync(_cancellation);
        await collection.UpsertAsync(Notes.Make<Note>(5), _cancellation);
        var options = new VectorSearchOptions<Note> { VectorProperty = n => n.Short };

        await collection.SearchAsync(new float[] { 1, 0, 0 }, 2, options, _cancellation).ListAsync();
        Assert.Equal((2, (object)options), (_inner.Asked!.Value.Top, _inner.Asked.Value.Options));

        await collection.SearchAsync(Notes.Vector(3), 2, new() { VectorProperty = n => n.Vector }, _cancellation).ListAsync();
        Assert.Equal(100, _inner.Asked.Value.Top);
    }

    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity, true)]
    [InlineData(DistanceFunction.CosineDistance, false)]
    [InlineData(DistanceFunction.DotProductSimilarity, true)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, false)]
    [InlineData(DistanceFunction.EuclideanDistance, false)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, false)]
    public async Task Search_DistanceFunction_RanksAndCutsByIt(string function, bool higherIsBetter)
    {
        VectorStoreCollection<long, Note> collection = Make(new() { DistanceFunction = function });
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(20);
        await collection.UpsertAsync(notes, _cancellation);
        float[] query = Notes.Vector(999);
        (long Key, double Score)[] truth = [
            .. notes.Select(n => (n.Key, Score(n.Vector.ToArray()))).OrderBy(n => higherIsBetter ? -n.Item2 : n.Item2)];
        double threshold = (truth[6].Score + truth[7].Score) / 2;

        List<VectorSearchResult<Note>> found = await collection.SearchAsync(query, 10, new() { ScoreThreshold = threshold }, _cancellation)
            .ListAsync();

        Assert.Equal(truth[..7].Select(t => t.Key), found.Select(r => r.Record.Key));
        Assert.All(truth.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score!.Value, 1e-5));

        double Score(float[] vector)
        {
            double dot = vector.Zip(query).Sum(p => (double)p.First * p.Second),
            squared = vector.Zip(query).Sum(p => Math.Pow(p.First - p.Second, 2));
            return function switch
            {
                DistanceFunction.CosineSimilarity => Notes.Cosine(vector, query),
                DistanceFunction.CosineDistance => 1 - Notes.Cosine(vector, query),
                DistanceFunction.DotProductSimilarity => dot,
                DistanceFunction.NegativeDotProductSimilarity => -dot,
                DistanceFunction.EuclideanDistance => Math.Sqrt(squared),
                _ => squared,
            };
        }
    }

    [Fact]
    public async Task Collection_Head_IsAppliedBeforeTheCut()
    {
        // Turns the values round, so that the last ones come first.
        var weights = new float[Note.Width * Note.Width];
        for (int i = 0; i < Note.Width; i++)
        {
            weights[(i * Note.Width) + (Note.Width - 1 - i)] = 1;
        }
        var head = new LinearHead(weights, new float[Note.Width], new MatryoshkaDimensions([Note.Width]));
        VectorStoreCollection<long, Note> collection = Make(new() { Head = head, MinNumberOfCandidates = 5, Oversampling = 1 });
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(60);
        await collection.UpsertAsync(notes, _cancellation);
        Assert.All(notes, note => Assert.Equal(1, Notes.Cosine(note.Short.Span, Turned(note.Vector)), 1e-6));

        float[] query = Notes.Vector(4242);
        Note expected = notes.OrderByDescending(n => Notes.Cosine(Turned(n.Vector), Turned(query))).Take(5)
            .MaxBy(n => Notes.Cosine(n.Vector.Span, query))!;
        Assert.Equal(expected.Key, (await collection.SearchAsync(query, 1, null, _cancellation).ListAsync()).Single().Record.Key);

        static float[] Turned(ReadOnlyMemory<float> vector) => [.. vector.ToArray().Reverse().Take(Note.ShortWidth)];
    }

    [Fact]
    public async Task Search_Text_IsEmbeddedByTheGenerator()
    {
        using var generator = new NumberedGenerator(Note.Width);
        VectorStoreCollection<long, Note> collection = Make(new() { EmbeddingGenerator = generator });
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(10);
        notes[7].Vector = NumberedGenerator.VectorOf("wanted", Note.Width);
        await collection.UpsertAsync(notes, _cancellation);

        Assert.Equal(107, (await collection.SearchAsync("wanted", 1, null, _cancellation).ListAsync()).Single().Record.Key);
        Assert.Contains(
            "There is no generator",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => Make().SearchAsync("wanted", 1, null, _cancellation).ListAsync()))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collection_DynamicRecordsAndOtherVectorTypes_Work()
    {
        var arrays = new MemoryCollection<int, Arrays>(r => r.Id, nameof(Arrays.Full));
        VectorStoreCollection<int, Arrays> typed = arrays.AsMatryoshka(r => r.Full, r => r.Cut);
        await typed.EnsureCollectionExistsAsync(_cancellation);
        await typed.UpsertAsync(Enumerable.Range(0, 9).Select(i => new Arrays { Id = i, Full = Notes.Vector(i) }), _cancellation);
        VectorSearchResult<Arrays> first =
            (await typed.SearchAsync(Notes.Vector(4), 1, new() { IncludeVectors = true }, _cancellation).ListAsync()).Single();
        Assert.Equal((4, Note.Width, 2), (first.Record.Id, first.Record.Full!.Length, first.Record.Cut!.Dimensions));

        var records = new MemoryCollection<object, Dictionary<string, object?>>(r => r["id"]!, "");
        const string Name = "full";
        VectorStoreCollection<object, Dictionary<string, object?>> dynamic = records.AsMatryoshka(
            r => r[Name], r => r["cut"], new() { ShortDimensions = 4 });
        await dynamic.EnsureCollectionExistsAsync(_cancellation);
        await dynamic.UpsertAsync(
            Enumerable.Range(0, 9).Select(
                i => new Dictionary<string, object?> { ["id"] = i, [Name] = new ReadOnlyMemory<float>(Notes.Vector(i)) }), _cancellation);
        Assert.All(records.Records!.Values, r => Assert.Equal(4, Assert.IsType<ReadOnlyMemory<float>>(r["cut"]).Length));
        VectorSearchResult<Dictionary<string, object?>> found =
            (await dynamic.SearchAsync(Notes.Vector(6), 1, null, _cancellation).ListAsync()).Single();
        Assert.Equal(["id"], found.Record.Keys);
        Assert.Equal(6, found.Record["id"]);
        Assert.Equal(3, records.Records[6].Count);
    }

    [Fact]
    public async Task Collection_WrongVectors_SayWhatIsWrong()
    {
        VectorStoreCollection<long, Note> collection = Make();
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(3);
        notes[2].Vector = new float[] { 1, 2, 3, 4, 5, 6, float.NaN, 8 };
        await AssertThrowsAsync(
            "Record 2 of the batch, counted from 0, has NaN in its full vector", () => collection.UpsertAsync(notes, _cancellation));
        Assert.All(notes, note => Assert.True(note.Short.IsEmpty));
        await AssertThrowsAsync("The record has no full vector in 'Vector'", () => collection.UpsertAsync(new Note(), _cancellation));
        await AssertThrowsAsync(
            "has a full vector of 2 values, but 8 are needed",
            () => collection.UpsertAsync(new Note { Vector = new float[2] }, _cancellation));
        await AssertThrowsAsync(
            "The search value has a full vector of 3 values, but 8 are needed",
            () => collection.SearchAsync(new float[3], 1, null, _cancellation).ListAsync());

        await AssertThrowsAsync(
            "Record 1 of the batch, counted from 0, is null. Leave it out.",
            () => collection.UpsertAsync([notes[0], null!, notes[1]], _cancellation));
        Assert.All(notes, note => Assert.True(note.Short.IsEmpty));
        await AssertThrowsAsync(
            "has only zeros in the 3 values that candidates are found by",
            () => collection.SearchAsync(new float[] { 0, 0, 0, 4, 5, 6, 7, 8 }, 1, null, _cancellation).ListAsync());

        async Task AssertThrowsAsync(string message, Func<Task> act) =>
            Assert.Contains(message, (await Assert.ThrowsAnyAsync<ArgumentException>(act)).Message, StringComparison.Ordinal);
    }

    /// <summary>A record without a direction is kept: it can be found by its key, and it does not disturb a search.</summary>
    [Fact]
    public async Task Upsert_VectorOfZerosInItsFirstValues_StaysOutOfTheWay()
    {
        VectorStoreCollection<long, Note> collection = Make();
        await collection.EnsureCollectionExistsAsync(_cancellation);
        Note[] notes = Notes.Make<Note>(3);
        notes[1].Vector = new float[] { 0, 0, 0, 4, 5, 6, 7, 8 };
        notes[2].Vector = new float[Note.Width];
        await collection.UpsertAsync(notes, _cancellation);

        List<VectorSearchResult<Note>> found = await collection.SearchAsync(notes[0].Vector, 3, null, _cancellation).ListAsync();

        Assert.Equal(notes[0].Key, found[0].Record.Key);
        Assert.Equal(1, found[0].Score!.Value, 1e-6);
        Assert.All(found, result => Assert.True(double.IsFinite(result.Score!.Value)));
        Assert.NotNull(await collection.GetAsync(notes[2].Key, cancellationToken: _cancellation));
        Assert.Equal(new float[Note.ShortWidth], notes[2].Short.ToArray());
    }

    [Fact]
    public void AsMatryoshka_WrongArguments_SayWhatIsWrong()
    {
        AssertThrows("is not a property of Note", () => _inner.AsMatryoshka(n => n.Vector.Length, n => n.Short));
        AssertThrows("Property 'Text' is a String, not a ReadOnlyMemory<float>", () => _inner.AsMatryoshka(n => n.Text, n => n.Short));
        AssertThrows("The full and the short vector are both property 'Vector'", () => _inner.AsMatryoshka(n => n.Vector, n => n.Vector));
        AssertThrows("ShortDimensions is 2, but the short property has 3 dimensions", () => Make(new() { ShortDimensions = 2 }));
        AssertThrows(
            "The short property has 8 dimensions, but there are only 3 values to cut from",
            () => _inner.AsMatryoshka(n => n.Short, n => n.Vector));
        var bare = new MemoryCollection<int, Bare>(r => r.Id, nameof(Bare.Full));
        AssertThrows(
            "Set ShortDimensions, or give the short property the attribute VectorStoreVector",
            () => bare.AsMatryoshka(r => r.Full, r => r.Cut));
        AssertThrows("Oversampling is 0.5; choose 1 or more", () => Make(new() { Oversampling = 0.5, MinNumberOfCandidates = 0 }));
        AssertThrows("MinNumberOfCandidates is 0; choose 1 or more", () => Make(new() { Oversampling = 0.5, MinNumberOfCandidates = 0 }));
        Assert.Contains(
            "distance function 'HammingDistance'", Assert.Throws<NotSupportedException>(
                () => Make(new() { DistanceFunction = DistanceFunction.HammingDistance })).Message, StringComparison.Ordinal);

        static void AssertThrows(string message, Func<object> act) =>
            Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Collection_ServicesAndDisposal_ReachTheInner()
    {
        VectorStoreCollection<long, Note> collection = Make();
        Assert.Equal("items", collection.Name);
        Assert.Same(_inner, collection.GetService(typeof(MemoryCollection<long, Note>)));
        Assert.Same(collection, collection.GetService(typeof(VectorStoreCollection<long, Note>)));
        collection.Dispose();
        Assert.True(_inner.IsDisposed);
    }

    private VectorStoreCollection<long, Note> Make(MatryoshkaCollectionOptions? options = null) =>
        _inner.AsMatryoshka(n => n.Vector, n => n.Short, options);

    /// <summary>A record whose properties a definition describes, or nobody.</summary>
    private sealed class Bare
    {
        public int Id { get; set; }

        public float[]? Full { get; set; }

        public float[]? Cut { get; set; }
    }

    private sealed class Arrays
    {
        [VectorStoreKey]
        public int Id { get; set; }

        [VectorStoreVector(Note.Width)]
        public float[]? Full { get; set; }

        [VectorStoreVector(2)]
        public Embedding<float>? Cut { get; set; }
    }
}

using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class LoadTests(PostgresServer server)
{
    [Theory]
    [InlineData("Id", 1000)]
    [InlineData("Small", 0)]
    [InlineData(null, 500)]
    public async Task Load_NumberIds_KeepsRowsAsTheyCame(string? idColumn, long first)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(25);
        var reports = new LoadReports();

        VectorLoadState state = await table.LoadAsync(
            "all", Rows.View(rows), new VectorLoadOptions { IdColumnName = idColumn, FirstRowNumber = 500, RowsPerChunk = 10 }, reports);

        LoadStates.AssertEqual("all", 25, 0, true, state);
        LoadStates.AssertEqual("all", 25, 0, true, await table.FindLoadAsync("all"));
        Assert.Equal([10, 20, 25], reports.Select(r => r.RowsRead));
        Assert.Equal(rows.Select((row, i) => Text(first + i, row.Embedding)), await schema.ContentAsync());
    }

    [Fact]
    public async Task Load_TextIdsAndTexts_KeepsThem()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<string> table = await schema.TableAsync<string>(schema.Options with { Columns = [new("Title"), new("Key")] });
        Rows.Row[] rows = Rows.Make(4);
        string[] titles = ["", "tab\tline\nquote\" \\N", "grüße 🌍", "\\."];
        for (int i = 0; i < titles.Length; i++)
        {
            rows[i].Title = titles[i];
        }
        rows[1].Key = "";

        await table.LoadAsync("all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Key" });

        for (int i = 0; i < titles.Length; i++)
        {
            VectorMatch<string> found = (await table.SearchExactAsync(rows[i].Embedding, 1)).Single();
            Assert.Equal((rows[i].Key, titles[i], rows[i].Key), (found.Id, found.Get<string>("Title"), found.Get<string>("Key")));
            Assert.Equal(1, found.Score, 1e-6);
        }
    }

    [Fact]
    public async Task Load_SparseVectors_AreFilledWithZeros()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        SparseRow[] rows = [
            new() { Embedding = new VBuffer<float>(Rows.Width, 2, [1f, 2f], [0, 30]) },
            new() { Embedding = new VBuffer<float>(Rows.Width, 1, [3f], [7]) }];

        await table.LoadAsync("sparse", new MLContext().Data.LoadFromEnumerable(rows));

        Assert.Equal(rows.Select((row, i) => Text(i, [.. row.Embedding.DenseValues()])), await schema.ContentAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Load_NoRowsOrOne_IsComplete(int count)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();

        LoadStates.AssertEqual("few", count, 0, true, await table.LoadAsync("few", Rows.View(Rows.Make(count))));
        LoadStates.AssertEqual("few", count, 0, true, await table.LoadAsync("few", Rows.View(Rows.Make(count))));
        await table.CreateIndexAsync();
        Assert.Equal(count, (await table.SearchAsync(Rows.Make(1)[0].Embedding)).Count);
        Assert.Equal(count, (await table.SearchExactAsync(Rows.Make(1)[0].Embedding)).Count);
    }

    public static TheoryData<string, string> Unfit => new()
    {
        { "nan", "has NaN in slot 31, counted from 0, which pgvector does not take" },
        { "infinite", "has -Infinity in slot 0" },
        { "zero", "has only zeros or nearly so in its first 8 values, and so no cosine there" },
        { "zero prefix", "has only zeros or nearly so in its first 8 values" },
        { "tiny", "has only zeros or nearly so in its first 8 values" },
        { "long", "is too long for a cosine in single precision" },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task Load_UnfitVector_IsRefusedOrLeftOut(string kind, string problem)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(12);
        float[] vector = rows[6].Embedding;
        switch (kind)
        {
            case "nan": vector[31] = float.NaN; break;
            case "infinite": vector[0] = float.NegativeInfinity; break;
            case "zero": Array.Clear(vector); break;
            case "zero prefix": Array.Clear(vector, 0, 8); break;
            case "tiny": Array.Fill(vector, 1e-21f, 0, 8); break;
            default: vector[20] = 1e20f; break;
        }

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => table.LoadAsync("refused", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 5 }));
        Assert.Contains($"The vector of row 6, counted from 0, with id '1006', {problem}", error.Message, StringComparison.Ordinal);
        LoadStates.AssertEqual("refused", 5, 0, false, await table.FindLoadAsync("refused"));
        Assert.Equal(5, await schema.CountAsync());

        PostgresVectorTable<long> other = await schema.TableAsync<long>(schema.Options with { TableName = "others" });
        VectorLoadState state = await other.LoadAsync(
            "left out", Rows.View(rows),
            new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 5, InvalidVectors = InvalidVectors.Skip });
        Assert.Equal((12, 1, 11), (state.RowsRead, state.RowsSkipped, state.RowsLoaded));
        Assert.Equal(rows.Where(row => row.Id != 1006).Select(row => Text(row.Id, row.Embedding)), await schema.ContentAsync("others"));
        LoadStates.AssertEqual(
            "left out", 12, 1, true, await other.LoadAsync(
                "left out", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id", InvalidVectors = InvalidVectors.Skip }));
    }

    [Fact]
    public async Task Load_OnlyInvalidVectors_IsCompleteWithoutRows()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = [.. Rows.Make(3).Select(row => new Rows.Row { Embedding = new float[Rows.Width] })];

        LoadStates.AssertEqual(
            "zeros", 3, 3, true, await table.LoadAsync(
                "zeros", Rows.View(rows), new VectorLoadOptions { InvalidVectors = InvalidVectors.Skip, RowsPerChunk = 1 }));
        Assert.Equal(0, await schema.CountAsync());
    }

    [Theory]
    [InlineData('\0', "has a zero character")]
    [InlineData('\ud83c', "has an unpaired surrogate")]
    public async Task Load_TextThatCannotBeKept_IsRefused(char character, string problem)
    {
        string text = $"a{character}b";
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<string> table = await schema.TableAsync<string>(schema.Options with { Columns = [new("Title")] });
        Rows.Row[] rows = Rows.Make(3);
        rows[2].Title = text;
        Assert.Contains(
            $"Column 'Title' of row 2, counted from 0, {problem}",
            (await Assert.ThrowsAsync<InvalidOperationException>(
                () => table.LoadAsync("title", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Key" })))
                .Message, StringComparison.Ordinal);
        rows[2].Title = "";
        rows[1].Key = text;
        Assert.Contains(
            $"The id of row 1, counted from 0, {problem}",
            (await Assert.ThrowsAsync<InvalidOperationException>(
                () => table.LoadAsync("key", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Key" })))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_RepeatedIds_NamesTheIdAndKeepsNoHalfChunk()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(20);
        rows[13].Id = 1011;
        var options = new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10 };

        var within = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("within", Rows.View(rows), options));
        Assert.Contains("Id '1011'", within.Message, StringComparison.Ordinal);
        Assert.Contains("Id '1011' occurs again in row 13", within.Message, StringComparison.Ordinal);
        Assert.Equal(10, await schema.CountAsync());

        rows[13].Id = 1002;
        rows[12].Embedding[0] += 1;
        var across = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("within", Rows.View(rows), options));
        Assert.Contains("Id '1002'", across.Message, StringComparison.Ordinal);
        Assert.Contains("is in table", across.Message, StringComparison.Ordinal);
        Assert.Contains("occurs again in rows 10..19", across.Message, StringComparison.Ordinal);
        Assert.Equal(10, await schema.CountAsync());
        LoadStates.AssertEqual("within", 10, 0, false, await table.FindLoadAsync("within"));

        rows[13].Id = 1013;
        Assert.True((await table.LoadAsync("within", Rows.View(rows), options)).IsComplete);
        Assert.Equal(20, await schema.CountAsync());
    }

    [Fact]
    public async Task Load_WrongColumns_SaysWhatWasExpected()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> numbers = await schema.TableAsync<long>();
        PostgresVectorTable<string> words = await schema.TableAsync<string>(
            schema.Options with { TableName = "words", Columns = [new("Small")] });
        IDataView data = Rows.View(Rows.Make(3));

        Assert.Contains(
            "has 16 values, but the table's vectors have 32",
            await MessageAsync<ArgumentException>(numbers, Rows.View(Rows.Make(3, width: 16), 16), new()), StringComparison.Ordinal);
        Assert.Contains(
            "Could not find embedding column 'Vector'", await MessageAsync<ArgumentOutOfRangeException>(
                numbers, data, new() { EmbeddingColumnName = "Vector" }), StringComparison.Ordinal);
        Assert.Contains(
            "embedding column 'Title': expected known-size vector of Single, got", await MessageAsync<ArgumentOutOfRangeException>(
                numbers, data, new() { EmbeddingColumnName = "Title" }), StringComparison.Ordinal);
        Assert.Contains(
            "Could not find id column 'No'", await MessageAsync<ArgumentOutOfRangeException>(numbers, data, new() { IdColumnName = "No" }),
            StringComparison.Ordinal);
        Assert.Contains(
            "id column 'Key': expected Int64 or Int32, got",
            await MessageAsync<ArgumentOutOfRangeException>(numbers, data, new() { IdColumnName = "Key" }), StringComparison.Ordinal);
        Assert.Contains(
            "id column 'Id': expected text, got",
            await MessageAsync<ArgumentOutOfRangeException>(words, data, new() { IdColumnName = "Id" }), StringComparison.Ordinal);
        Assert.Contains(
            "row numbers are not text ids", await MessageAsync<ArgumentException>(words, data, new()), StringComparison.Ordinal);
        Assert.Contains(
            "text column 'Small': expected text, got",
            await MessageAsync<ArgumentOutOfRangeException>(words, data, new() { IdColumnName = "Key" }), StringComparison.Ordinal);
        Assert.Null(await numbers.FindLoadAsync("wrong"));
    }

    [Fact]
    public async Task Load_NoTable_SaysSo()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        var table = new PostgresVectorTable<long>(schema.DataSource, schema.Options);

        Assert.Contains(
            "There is no table",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(Rows.Make(1))))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_Cancelled_KeepsWholeChunks()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(50);
        using var cancellation = new CancellationTokenSource();
        IEnumerable<Rows.Row> cancelling = rows.Select((row, i) =>
        {
            if (i == 27)
            {
                cancellation.Cancel();
            }
            return row;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => table.LoadAsync(
                "cancelled", Rows.View(cancelling), new VectorLoadOptions { RowsPerChunk = 10 }, null, cancellation.Token));
        Assert.Equal(20, await schema.CountAsync());
        Assert.Equal(50, (await table.LoadAsync("cancelled", Rows.View(rows), new VectorLoadOptions { RowsPerChunk = 10 })).RowsLoaded);
        Assert.Equal(50, await schema.CountAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => table.SearchAsync(rows[0].Embedding, cancellationToken: cancellation.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.CreateIndexAsync(cancellation.Token));
    }

    /// <summary>A row as PostgreSQL writes it.</summary>
    internal static string Text(long id, float[] vector) =>
        $"({id},\"[{string.Join(',', vector.Select(Shortest))}]\")";

    /// <summary>The shortest digits that give the number back; PostgreSQL writes exponents in its own way, which these rows
    /// avoid.</summary>
    private static string Shortest(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = text.IndexOf("E-", StringComparison.Ordinal);
        return exponent < 0 ? text : $"{text[..exponent]}e-{text[(exponent + 2)..].PadLeft(2, '0')}";
    }

    private static async Task<string> MessageAsync<TException>(PostgresVectorTable<long> table, IDataView data, VectorLoadOptions options)
        where TException : Exception => (await Assert.ThrowsAsync<TException>(() => table.LoadAsync("wrong", data, options))).Message;

    private static async Task<string> MessageAsync<TException>(PostgresVectorTable<string> table, IDataView data, VectorLoadOptions options)
        where TException : Exception => (await Assert.ThrowsAsync<TException>(() => table.LoadAsync("wrong", data, options))).Message;

    private sealed class SparseRow
    {
        [VectorType(Rows.Width)]
        public VBuffer<float> Embedding { get; set; }
    }
}

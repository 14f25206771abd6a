using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class ResumeTests(PostgresServer server)
{
    private static readonly VectorLoadOptions s_options = new() { IdColumnName = "Id", RowsPerChunk = 10 };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 10)]
    [InlineData(25, 20)]
    [InlineData(30, 30)]
    public async Task Load_ReadingFails_GoesOnAfterTheLastWholeChunk(int failAfter, int kept)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(30);

        await Assert.ThrowsAnyAsync<Exception>(() => table.LoadAsync("load", Rows.View(Rows.FailingAfter(rows, failAfter)), s_options));
        Assert.Equal(kept, await schema.CountAsync());
        LoadStates.AssertEqual("load", kept, 0, false, await table.FindLoadAsync("load"));

        // Chunks of another size go on just as well.
        var reports = new LoadReports();
        LoadStates.AssertEqual(
            "load", 30, 0, true,
            await table.LoadAsync("load", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 7 }, reports));
        Assert.Equal(Math.Min(30, kept + 7), reports[0].RowsRead);
        Assert.Equal(rows.Select(row => LoadTests.Text(row.Id, row.Embedding)), await schema.ContentAsync());
    }

    /// <summary>Connections are cut at points all over the load, once by bytes sent and once by bytes received; so some are cut before a
    /// chunk, some within its COPY, and some between commit and answer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_ConnectionCutAnywhere_LosesNothingAndLeavesNoHalfChunk(bool whenSent)
    {
        const int Cuts = 24;
        await using TestSchema schema = await server.NewSchemaAsync();
        Rows.Row[] rows = Rows.Make(300);
        VectorLoadOptions options = new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 100 };
        string[] expected = [.. rows.Select(row => LoadTests.Text(row.Id, row.Embedding))];
        (long begin, long end) = await LoadThroughAsync("whole", long.MaxValue);
        var kept = new HashSet<long>();

        for (int cut = 1; cut <= Cuts; cut++)
        {
            string name = $"cut_{cut}";
            PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { TableName = name });
            await Assert.ThrowsAnyAsync<Exception>(() => LoadThroughAsync(name, begin + ((end - begin) * cut / (Cuts + 1))));

            VectorLoadState? state = await table.FindLoadAsync("load");
            long loaded = state!.RowsLoaded;
            Assert.Equal(loaded, await schema.CountAsync(name));
            Assert.Equal(0, loaded % 100);
            kept.Add(loaded);
            var reports = new LoadReports();
            await table.LoadAsync("load", Rows.View(rows), options, reports);
            long[] left = state.IsComplete ? [] : [.. new long[] { 100, 200, 300 }.Where(read => read > loaded), 300];
            Assert.Equal(left, reports.Select(report => report.RowsRead));
            Assert.Equal(expected, await schema.ContentAsync(name));
        }
        Assert.True(kept.Count >= 3, $"The cuts came to {string.Join(", ", kept)} rows only.");

        // Tells the bytes that had gone the way that is cut when the first row was read, and in the end.
        async Task<(long Begin, long End)> LoadThroughAsync(string table, long cut)
        {
            var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString);
            await using var proxy = new CuttingProxy(
                connection.Host!, connection.Port, whenSent ? cut : long.MaxValue, whenSent ? long.MaxValue : cut);
            (connection.Host, connection.Port, connection.Pooling) = ("127.0.0.1", proxy.Port, false);
            await using NpgsqlDataSource dataSource = PostgresServer.Open(connection.ConnectionString);
            var through = new PostgresVectorTable<long>(dataSource, schema.Options with { TableName = table });
            if (cut == long.MaxValue)
            {
                await schema.TableAsync<long>(through.Options);
            }
            long first = -1;
            await through.LoadAsync("load", Rows.View(rows.Select(row =>
            {
                first = first < 0 ? Gone() : first;
                return row;
            })), options);
            return (first, Gone());

            long Gone() => whenSent ? proxy.Sent : proxy.Received;
        }
    }

    [Fact]
    public async Task Load_OtherData_IsRefusedAndChangesNothing()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = [new("Title")] });
        Rows.Row[] rows = Rows.Make(30);
        await Assert.ThrowsAnyAsync<Exception>(
            () => table.LoadAsync(
                "load", Rows.View(Rows.FailingAfter(rows, 25)),
                new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" }));
        string[] before = await schema.ContentAsync();

        await RefusedAsync(
            rows, new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 2" },
            "started with the fingerprint 'model 1', but this one has 'model 2'");
        await RefusedAsync(
            rows, new VectorLoadOptions { RowsPerChunk = 10, Fingerprint = "model 1", IdColumnName = "Small" }, "ids from 'Id'");
        await RefusedAsync(
            rows, new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1",
            InvalidVectors = InvalidVectors.Skip }, "invalid vectors: Throw");
        await RefusedAsync(
            Changed(row => row.Embedding[31] = MathF.BitIncrement(row.Embedding[31])),
            new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" },
            "the first 20 rows of the data have other vectors or columns");
        await RefusedAsync(
            Changed(row => row.Title += "!"), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" },
            "other vectors or columns");
        await RefusedAsync(
            Changed(row => row.Id = -1), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" },
            "other ids");
        await RefusedAsync(
            [rows[1], rows[0], .. rows[2..]],
            new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1", ResumeCheck = ResumeCheck.Ids },
            "other ids");
        await RefusedAsync(
            rows[..19], new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" },
            "has processed 20 rows, but the data has 19");
        var wider = new PostgresVectorTable<long>(schema.DataSource, table.Options with { Dimensions = 16 });
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => wider.LoadAsync(
                "load", Rows.View(Rows.Make(30, width: 16), 16),
                new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" }));

        Assert.Equal(before, await schema.ContentAsync());
        LoadStates.AssertEqual("load", 20, 0, false, await table.FindLoadAsync("load"));
        Assert.True(
            (await table.LoadAsync(
                "load", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, Fingerprint = "model 1" }))
                .IsComplete);

        Rows.Row[] Changed(Action<Rows.Row> change)
        {
            Rows.Row[] changed = Rows.Make(30);
            change(changed[19]);
            return changed;
        }

        async Task RefusedAsync(Rows.Row[] data, VectorLoadOptions options, string why)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(data), options));
            Assert.Contains("Load 'load'", error.Message, StringComparison.Ordinal);
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Load_ChecksIdsAlone_GoesOnWithVectorsComputedAnew()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(30);
        await Assert.ThrowsAnyAsync<Exception>(() => table.LoadAsync("load", Rows.View(Rows.FailingAfter(rows, 25)), s_options));
        Rows.Row[] anew = Rows.Make(30);
        anew[0].Embedding[0] = MathF.BitIncrement(anew[0].Embedding[0]);

        Assert.True(
            (await table.LoadAsync(
                "load", Rows.View(anew), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 10, ResumeCheck = ResumeCheck.Ids }))
                .IsComplete);
        Assert.Equal(rows.Select(row => LoadTests.Text(row.Id, row.Embedding)), await schema.ContentAsync());

        // What is in the table is what the load stands for, whichever check went before.
        Assert.True((await table.LoadAsync("load", Rows.View(rows), s_options)).IsComplete);
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(anew), s_options));
    }

    [Fact]
    public async Task Load_CompleteAgain_ChangesNothingAndRefusesMoreRows()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(20);
        LoadStates.AssertEqual("load", 20, 0, true, await table.LoadAsync("load", Rows.View(rows), s_options));

        LoadStates.AssertEqual("load", 20, 0, true, await table.LoadAsync("load", Rows.View(rows), s_options));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(Rows.Make(21)), s_options));
        Assert.Contains("is complete with 20 rows, but the data has more", error.Message, StringComparison.Ordinal);
        Assert.Equal(20, await schema.CountAsync());
    }

    [Fact]
    public async Task Load_TableEmptiedSince_IsRefusedUntilForgotten()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(20);
        await table.LoadAsync("load", Rows.View(rows), s_options);
        await schema.ExecuteAsync($"TRUNCATE \"{schema.Name}\".items");

        Assert.Contains(
            "loaded the row with id '1019', but table",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(rows), s_options))).Message,
            StringComparison.Ordinal);
        Assert.True(await table.ForgetLoadAsync("load"));
        Assert.False(await table.ForgetLoadAsync("load"));
        Assert.Null(await table.FindLoadAsync("load"));
        Assert.Equal(20, (await table.LoadAsync("load", Rows.View(rows), s_options)).RowsLoaded);
        Assert.Equal(20, await schema.CountAsync());
    }

    [Fact]
    public async Task Load_TwoRunsOfTheSameLoad_OneGetsOnAndTheOtherSaysSo()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Rows.Row[] rows = Rows.Make(20);
        // The second run comes in whole while the first is reading its second chunk.
        IEnumerable<Rows.Row> slow = rows.Select((row, i) =>
        {
            if (i == 15)
            {
                table.LoadAsync("load", Rows.View(rows), s_options).GetAwaiter().GetResult();
            }
            return row;
        });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("load", Rows.View(slow), s_options));
        Assert.Contains("another process runs it too", error.Message, StringComparison.Ordinal);
        Assert.Equal(rows.Select(row => LoadTests.Text(row.Id, row.Embedding)), await schema.ContentAsync());
    }

    [Fact]
    public async Task Load_OtherNameOrTable_IsAnotherLoad()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> first = await schema.TableAsync<long>();
        PostgresVectorTable<long> second = await schema.TableAsync<long>(schema.Options with { TableName = "second" });
        Rows.Row[] rows = Rows.Make(30);

        await first.LoadAsync("a", Rows.View(rows[..12]), s_options);
        await first.LoadAsync("b", Rows.View(rows[12..]), s_options);
        await second.LoadAsync("a", Rows.View(rows[5..9]), s_options);

        Assert.Equal((30, 4), (await schema.CountAsync(), await schema.CountAsync("second")));
        Assert.Equal(
            (12, 18, 4),
            ((await first.FindLoadAsync("a"))!.RowsRead, (await first.FindLoadAsync("b"))!.RowsRead,
            (await second.FindLoadAsync("a"))!.RowsRead));
    }
}

using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Loads in processes of their own that are killed (SIGKILL), so that nothing of theirs can be told to the server any
/// more.</summary>
[Collection(PostgresCollection.Name)]
public sealed class KilledLoadTests(PostgresServer server)
{
    private const int RowCount = 300;
    private const int RowsPerChunk = 100;

    private static readonly Rows.Row[] s_rows = Rows.Make(RowCount);
    private static readonly string[] s_content = [.. s_rows.Select(row => LoadTests.Text(row.Id, row.Embedding))];

    /// <summary>Before the first chunk, in the middle of reading it, between two chunks, while reading the last.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(50, 0)]
    [InlineData(100, 100)]
    [InlineData(299, 200)]
    public async Task Load_ProcessKilledWhileItReads_KeepsWholeChunksAndAnotherProcessGoesOn(int row, int kept)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        using (var killed = new LoadingProcess(
            Named(server.ConnectionString, schema.Name).ConnectionString, schema.Name, "items", RowCount, RowsPerChunk, row))
        {
            await killed.HearAsync("reading");
            await killed.GoOnAsync();
            await killed.HearAsync("waiting");
            await killed.KillAsync();
        }
        await WaitForServerAsync(schema, schema.Name);

        Assert.Equal(s_content[..kept], await schema.ContentAsync());
        LoadStates.AssertEqual("load", kept, 0, false, await table.FindLoadAsync("load"));

        using var second = new LoadingProcess(server.ConnectionString, schema.Name, "items", RowCount, RowsPerChunk);
        await second.HearAsync("reading");
        await second.GoOnAsync();
        await second.HearAsync($"loaded {RowCount}");
        Assert.Equal(s_content, await schema.ContentAsync());
    }

    /// <summary>
    /// The process is killed once so many bytes have gone one way between it and the server, at points from the first row to the end: in
    /// the middle of a COPY, before a commit, and between a commit and its answer.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_ProcessKilledWithinTransactions_LeavesNoHalfChunkAndLosesNothingCommitted(bool whenSent)
    {
        const int Kills = 6;
        await using TestSchema schema = await server.NewSchemaAsync();
        (long begin, long end) = await RunAsync("whole", null);
        Assert.Equal(s_content, await schema.ContentAsync("whole"));
        var kept = new SortedSet<long>();

        for (int kill = 1; kill <= Kills; kill++)
        {
            string name = $"killed_{kill}";
            await RunAsync(name, begin + ((end - begin) * kill / (Kills + 1)));
            await WaitForServerAsync(schema, name);

            var table = new PostgresVectorTable<long>(schema.DataSource, schema.Options with { TableName = name });
            VectorLoadState state = (await table.FindLoadAsync("load"))!;
            Assert.Equal(0, state.RowsLoaded % RowsPerChunk);
            Assert.Equal(s_content[..(int)state.RowsLoaded], await schema.ContentAsync(name));
            kept.Add(state.RowsLoaded);

            var reports = new LoadReports();
            await table.LoadAsync(
                "load", Rows.View(s_rows), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = RowsPerChunk }, reports);
            Assert.Equal(state.IsComplete ? 0 : 1 + ((RowCount - state.RowsLoaded) / RowsPerChunk), reports.Count);
            Assert.Equal(s_content, await schema.ContentAsync(name));
        }
        Assert.True(kept.Count >= 3, $"The kills came to {string.Join(", ", kept)} rows only.");

        // Loads in a process that is killed after so many bytes, if any. Tells the bytes that had gone that way before the first row and in
        // the end.
        async Task<(long Begin, long End)> RunAsync(string name, long? cut)
        {
            await schema.TableAsync<long>(schema.Options with { TableName = name });
            NpgsqlConnectionStringBuilder connection = Named(server.ConnectionString, name);
            LoadingProcess? process = null;
            var died = new TaskCompletionSource();
            await using var proxy = new CuttingProxy(
                connection.Host!, connection.Port, whenSent ? cut ?? long.MaxValue : long.MaxValue,
                whenSent ? long.MaxValue : cut ?? long.MaxValue, KillAsync);
            (connection.Host, connection.Port, connection.Pooling) = ("127.0.0.1", proxy.Port, false);
            using (process = new LoadingProcess(connection.ConnectionString, schema.Name, name, RowCount, RowsPerChunk))
            {
                await process.HearAsync("reading");
                long first = Gone();
                await process.GoOnAsync();
                await (cut is null ? process.HearAsync($"loaded {RowCount}") : died.Task.WaitAsync(TimeSpan.FromMinutes(2)));
                return (first, Gone());
            }

            long Gone() => whenSent ? proxy.Sent : proxy.Received;

            async Task KillAsync()
            {
                try
                {
                    await process!.KillAsync();
                    died.TrySetResult();
                }
                catch (Exception e)
                {
                    died.TrySetException(e);
                }
            }
        }
    }

    private static NpgsqlConnectionStringBuilder Named(string connectionString, string application) =>
        new(connectionString) { ApplicationName = application };

    /// <summary>Waits until the server is done with what the dead process had sent: until then a commit under way may still come to
    /// pass.</summary>
    private static async Task WaitForServerAsync(TestSchema schema, string application)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await schema.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{application}' AND pid <> pg_backend_pid()") > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }
}

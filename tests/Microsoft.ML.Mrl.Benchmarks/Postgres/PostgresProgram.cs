using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Search;
using Microsoft.ML.Mrl.Tests.Postgres;
using Npgsql;

namespace Microsoft.ML.Mrl.Benchmarks.Postgres;

/// <summary>
/// What the two-stage search of <see cref="PostgresVectorTable{TId}"/> finds of the exact one, and in what part of its time, by type and
/// length of the prefix and by short list:
/// <c>-- postgres [vectors=pca] [rows=20000] [queries=100] [prefixes=32,64,128] [bits=128,256,384] [short=50,100,200,400]
/// [connection=STRING] [data=FOLDER] [cache=FOLDER] [seed=1]</c>, with the vectors that the benchmark of search names raw, pca, head and
/// made. Without a connection it starts PGlite, which needs Node.js and npm. Works in a schema of its own, which it drops.
/// </summary>
internal static class PostgresProgram
{
    private const int Count = 10;

    public static async Task<int> RunAsync(string[] args)
    {
        Dictionary<string, string> given = args.Select(arg => arg.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        int rows = int.Parse(given.GetValueOrDefault("rows", "20000"), CultureInfo.InvariantCulture);
        int queries = int.Parse(given.GetValueOrDefault("queries", "100"), CultureInfo.InvariantCulture);
        int[] prefixes = Numbers("prefixes", "32,64,128");
        (PgvectorType, int)[] stages =
        [
            .. prefixes.Select(prefix => (PgvectorType.Vector, prefix)), .. prefixes.Select(prefix => (PgvectorType.HalfVector, prefix)),
            .. Numbers("bits", "128,256,384").Select(bits => (PgvectorType.Bit, bits)),
        ];
        int[] shortLists = Numbers("short", "50,100,200,400");
        var settings = new SearchSettings(
            [$"rows={rows}", $"made={rows}", $"queries={queries}", "sample=0",
            .. given.Where(pair => pair.Key is "data" or "cache" or "seed").Select(pair => $"{pair.Key}={pair.Value}")]);
        SearchCollection vectors = SearchCollection.Load(
            given.GetValueOrDefault("vectors", "pca"), settings,
            new Lazy<(float[], string?)[]>(() => RealTexts.Embed(settings.DataFolder, settings.CacheFolder)));
        Console.WriteLine($"{RunDescription.Now()}. {vectors.Name}, seed {settings.Seed}, {queries} queries.");
        PGliteServer? pglite = null;
        if (!given.TryGetValue("connection", out string? connection))
        {
            (pglite, string problem) = await PGliteServer.StartAsync();
            if (pglite is null)
            {
                Console.Error.WriteLine($"{problem.TrimEnd('.')}. Install Node.js and npm, or give connection=STRING.");
                return 1;
            }
            // One connection that stays open, so that opening is not what is measured.
            connection = new NpgsqlConnectionStringBuilder(
                pglite.ConnectionString) { Pooling = true, MaxPoolSize = 1, NoResetOnClose = true }.ConnectionString;
        }
        using (pglite)
        {
            var builder = new NpgsqlDataSourceBuilder(connection);
            builder.UseVector();
            await using NpgsqlDataSource dataSource = builder.Build();
            string schema = $"mrl_benchmark_{Guid.NewGuid():N}";
            await ExecuteAsync(dataSource, $"CREATE SCHEMA {schema}");
            try
            {
                var options =
                    new PostgresVectorTableOptions { SchemaName = schema, TableName = "items", Dimensions = vectors.Width,
                    ShortDimensions = prefixes[0] };
                await MeasureAsync(dataSource, options, vectors, stages, shortLists);
            }
            finally
            {
                await ExecuteAsync(dataSource, $"DROP SCHEMA {schema} CASCADE");
            }
        }
        return 0;

        int[] Numbers(string name, string usual) =>
            [.. given.GetValueOrDefault(name, usual).Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static async Task MeasureAsync(
        NpgsqlDataSource dataSource, PostgresVectorTableOptions options, SearchCollection vectors, (PgvectorType Type, int Length)[] stages,
        int[] shortLists)
    {
        int width = vectors.Width, rows = vectors.Rows.Length / width, queries = vectors.Queries.Length / width;
        await using (NpgsqlCommand version = dataSource.CreateCommand("SELECT version()"))
        {
            Console.WriteLine(await version.ExecuteScalarAsync());
        }
        var first = new PostgresVectorTable<long>(dataSource, options);
        await first.CreateAsync();
        float[][] asked = [.. vectors.Queries.Chunk(width)];
        var watch = Stopwatch.StartNew();
        await first.LoadAsync("all", View(vectors.Rows, width), new VectorLoadOptions { RowsPerChunk = 2000 });
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"{rows} rows of {options.Dimensions} values loaded in {watch.Elapsed.TotalSeconds:F1} s"));
        await ExecuteAsync(dataSource, $"ANALYZE {options.SchemaName}.items");

        var truth = new HashSet<long>[queries];
        double exact = await TimeAsync(
            queries, async i => truth[i] = [.. (await first.SearchExactAsync(asked[i], Count)).Select(match => match.Id)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"exact: {exact:F2} ms a query\n"));
        Console.WriteLine(
            "| as | prefix | index s | index MB | short list | index used | recall@10 | ms a query | exact / two-stage |\n|---|---:|---:|---:|---:|---|---:|---:|---:|");
        foreach ((PgvectorType type, int prefix) in stages)
        {
            var table = new PostgresVectorTable<long>(dataSource, options with { PrefixType = type, ShortDimensions = prefix });
            watch.Restart();
            await table.CreateIndexAsync();
            double building = watch.Elapsed.TotalSeconds;
            await using NpgsqlCommand size = dataSource.CreateCommand($"SELECT pg_relation_size('{options.SchemaName}.{table.IndexName}')");
            double megabytes = (long)(await size.ExecuteScalarAsync())! / 1e6;
            foreach (int shortList in shortLists)
            {
                bool used = (await table.ExplainSearchAsync(asked[0], Count, new() { NumberOfCandidates = shortList }))
                    .Contains(table.IndexName, StringComparison.Ordinal);
                int hits = 0;
                double time = await TimeAsync(
                    queries, async i => hits += (await table.SearchAsync(asked[i], Count, new() { NumberOfCandidates = shortList }))
                    .Count(match => truth[i].Contains(match.Id)));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {type} | {prefix} | {building:F1} | {megabytes:F1} | {shortList} | {(used ? "yes" : "no")} | {hits / (double)(Count * queries):F4} | {time:F2} | {exact / time:F1} |"));
            }
        }
    }

    /// <summary>Mean milliseconds of a query.</summary>
    private static async Task<double> TimeAsync(int queries, Func<int, Task> query)
    {
        var watch = new Stopwatch();
        for (int i = 0; i < queries; i++)
        {
            watch.Start();
            await query(i);
            watch.Stop();
        }
        return watch.Elapsed.TotalMilliseconds / queries;
    }

    private static IDataView View(float[] rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return new MLContext(seed: 1).Data.LoadFromEnumerable(rows.Chunk(width).Select(vector => new Row { Embedding = vector }), schema);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using NpgsqlCommand command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Row
    {
        public float[] Embedding { get; set; } = [];
    }
}

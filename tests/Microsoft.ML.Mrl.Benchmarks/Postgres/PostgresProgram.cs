using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Postgres;
using Npgsql;

namespace Microsoft.ML.Mrl.Benchmarks.Postgres;

/// <summary>
/// What the two-stage search of <see cref="PostgresVectorTable{TId}"/> finds of the exact one, and in what part of its time, by type and length of the prefix and by short list:
/// <c>-- postgres [rows=20000] [width=256] [queries=100] [prefixes=16,32,64] [bits=64,128,256] [short=50,100,200,400] [connection=STRING]</c>. Without a connection it starts PGlite, which needs Node.js and npm.
/// Works in a schema of its own, which it drops.
/// </summary>
internal static class PostgresProgram
{
    private const int Count = 10;

    public static async Task<int> RunAsync(string[] args)
    {
        Dictionary<string, string> given = args.Select(arg => arg.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        int rows = int.Parse(given.GetValueOrDefault("rows", "20000"), CultureInfo.InvariantCulture);
        int width = int.Parse(given.GetValueOrDefault("width", "256"), CultureInfo.InvariantCulture);
        int queries = int.Parse(given.GetValueOrDefault("queries", "100"), CultureInfo.InvariantCulture);
        int[] prefixes = Numbers("prefixes", "16,32,64");
        (PgvectorType, int)[] stages =
        [
            .. prefixes.Select(prefix => (PgvectorType.Vector, prefix)), .. prefixes.Select(prefix => (PgvectorType.HalfVector, prefix)), .. Numbers("bits", "64,128,256").Select(bits => (PgvectorType.Bit, bits)),
        ];
        int[] shortLists = Numbers("short", "50,100,200,400");
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
            connection = new NpgsqlConnectionStringBuilder(pglite.ConnectionString) { Pooling = true, MaxPoolSize = 1, NoResetOnClose = true }.ConnectionString;
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
                var options = new PostgresVectorTableOptions { SchemaName = schema, TableName = "items", Dimensions = width, ShortDimensions = prefixes[0] };
                await MeasureAsync(dataSource, options, rows, queries, stages, shortLists);
            }
            finally
            {
                await ExecuteAsync(dataSource, $"DROP SCHEMA {schema} CASCADE");
            }
        }
        return 0;

        int[] Numbers(string name, string usual) => [.. given.GetValueOrDefault(name, usual).Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static async Task MeasureAsync(NpgsqlDataSource dataSource, PostgresVectorTableOptions options, int rows, int queries, (PgvectorType Type, int Length)[] stages, int[] shortLists)
    {
        await using (NpgsqlCommand version = dataSource.CreateCommand("SELECT version()"))
        {
            Console.WriteLine(await version.ExecuteScalarAsync());
        }
        var first = new PostgresVectorTable<long>(dataSource, options);
        await first.CreateAsync();
        float[][] asked = [.. Vectors(rows + queries, options.Dimensions).Skip(rows)];
        var watch = Stopwatch.StartNew();
        await first.LoadAsync("all", View(rows, options.Dimensions), new VectorLoadOptions { RowsPerChunk = 2000 });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} rows of {options.Dimensions} values loaded in {watch.Elapsed.TotalSeconds:F1} s"));
        await ExecuteAsync(dataSource, $"ANALYZE {options.SchemaName}.items");

        var truth = new HashSet<long>[queries];
        double exact = await TimeAsync(queries, async i => truth[i] = [.. (await first.SearchExactAsync(asked[i], Count)).Select(match => match.Id)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"exact: {exact:F2} ms a query\n"));
        Console.WriteLine("| as | prefix | index s | index MB | short list | index used | recall@10 | ms a query | exact / two-stage |\n|---|---:|---:|---:|---:|---|---:|---:|---:|");
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
                bool used = (await table.ExplainSearchAsync(asked[0], Count, new() { NumberOfCandidates = shortList })).Contains(table.IndexName, StringComparison.Ordinal);
                int hits = 0;
                double time = await TimeAsync(queries, async i => hits += (await table.SearchAsync(asked[i], Count, new() { NumberOfCandidates = shortList })).Count(match => truth[i].Contains(match.Id)));
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

    /// <summary>Points around 500 centres; value j has a variance of 1/(j + 1), as embeddings have whose first values were trained to say most.</summary>
    private static IEnumerable<float[]> Vectors(int count, int width)
    {
        var random = new Random(1);
        float[] scale = [.. Enumerable.Range(0, width).Select(j => 1 / MathF.Sqrt(j + 1))];
        float[][] centres = [.. Enumerable.Range(0, 500).Select(_ => Normal(random, scale))];
        for (int i = 0; i < count; i++)
        {
            float[] centre = centres[random.Next(centres.Length)];
            float[] noise = Normal(random, scale);
            yield return [.. centre.Zip(noise, (c, n) => c + 0.7f * n)];
        }
    }

    private static float[] Normal(Random random, float[] scale) =>
        [.. scale.Select(s => s * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static IDataView View(int rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return new MLContext(seed: 1).Data.LoadFromEnumerable(Vectors(rows, width).Select(vector => new Row { Embedding = vector }), schema);
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

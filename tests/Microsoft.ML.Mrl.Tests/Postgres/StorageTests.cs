using System.Numerics;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Full vectors as <c>halfvec</c>, and first stages by <c>halfvec</c> and by <c>bit</c>.</summary>
[Collection(PostgresCollection.Name)]
public sealed class StorageTests(PostgresServer server)
{
    private static readonly VectorLoadOptions s_options = new() { IdColumnName = "Id" };

    [Theory]
    [InlineData(PgvectorType.Vector, PgvectorType.HalfVector, 32, 16)]
    [InlineData(PgvectorType.Vector, PgvectorType.Bit, 128, 128)]
    [InlineData(PgvectorType.HalfVector, PgvectorType.Vector, 32, 16)]
    [InlineData(PgvectorType.HalfVector, PgvectorType.HalfVector, 32, 16)]
    [InlineData(PgvectorType.HalfVector, PgvectorType.Bit, 128, 128)]
    public async Task Search_WithIndex_UsesItAndFindsNearlyAll(PgvectorType storage, PgvectorType prefix, int width, int shortDimensions)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { Dimensions = width, EmbeddingColumnType = storage, PrefixType = prefix,
            ShortDimensions = shortDimensions });
        Rows.Row[] all = Rows.Make(3040, width: width);
        (Rows.Row[] rows, Rows.Row[] queries) = (all[..3000], all[3000..]);
        await table.LoadAsync("all", Rows.View(rows, width), s_options);
        await table.CreateIndexAsync();
        await table.CreateIndexAsync();
        await schema.ExecuteAsync($"ANALYZE \"{schema.Name}\".items");
        await using NpgsqlDataSource indexed = PostgresServer.Open(server.ConnectionString, "SET enable_seqscan = off");
        var searched = new PostgresVectorTable<long>(indexed, table.Options);
        try
        {
            Assert.Contains(
                $"Index Scan using {table.IndexName}",
                await searched.ExplainSearchAsync(queries[0].Embedding, 10, new() { NumberOfCandidates = 200 }), StringComparison.Ordinal);
            int hits = 0;
            foreach (Rows.Row query in queries)
            {
                var truth = rows.OrderByDescending(row => Rows.Cosine(row.Embedding, query.Embedding, width)).Take(10).Select(row => row.Id)
                    .ToHashSet();
                hits += (await searched.SearchAsync(query.Embedding, 10, new() { NumberOfCandidates = 200 }))
                    .Count(match => truth.Contains(match.Id));
            }
            double recall = hits / (10.0 * queries.Length);
            Assert.True(recall >= 0.9, $"Recall@10 is {recall}.");
        }
        finally
        {
            await schema.ExecuteAsync("RESET enable_seqscan");
        }
    }

    /// <summary>Without an index the short list is exact but for rows at its edge that are alike.</summary>
    [Theory]
    [InlineData(PgvectorType.HalfVector, 4)]
    [InlineData(PgvectorType.HalfVector, 32)]
    [InlineData(PgvectorType.Bit, 4)]
    [InlineData(PgvectorType.Bit, 32)]
    public async Task Search_ShortList_IsWhatPlainLoopsFind(PgvectorType prefix, int shortDimensions)
    {
        const int ShortList = 40;
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { PrefixType = prefix, ShortDimensions = shortDimensions });
        Rows.Row[] rows = Rows.Make(300);
        await table.LoadAsync("all", Rows.View(rows), s_options);
        double edge = prefix == PgvectorType.Bit ? 0 : 1e-3;

        foreach (float[] query in Rows.Make(10, seed: 2).Select(row => row.Embedding))
        {
            Dictionary<long, double> distance = rows.ToDictionary(row => row.Id, row => prefix == PgvectorType.Bit
                ? BitOperations.PopCount(Bits(row.Embedding) ^ Bits(query))
                : 1 - Rows.Cosine(Halves(row.Embedding), Halves(query), shortDimensions));
            double last = distance.Values.Order().ElementAt(ShortList - 1);
            IReadOnlyList<VectorMatch<long>> found = await table.SearchAsync(query, ShortList, new() { NumberOfCandidates = ShortList });

            Assert.Equal(ShortList, found.Count);
            Assert.All(found, match => Assert.True(distance[match.Id] <= last + edge));
            Assert.Subset(
                found.Select(match => match.Id).ToHashSet(),
                distance.Where(pair => pair.Value < last - edge).Select(pair => pair.Key).ToHashSet());
            Assert.Equal(
                found.Select(match => Rows.Cosine(rows[match.Id - 1000].Embedding, query, Rows.Width)).OrderDescending(),
                found.Select(match => match.Score), new Near(1e-5));
        }

        uint Bits(float[] vector) => vector.Take(shortDimensions).Select((v, i) => v > 0 ? 1u << i : 0).Aggregate((a, b) => a | b);

        float[] Halves(float[] vector)
        {
            double length = Math.Sqrt(vector.Take(shortDimensions).Sum(v => (double)v * v));
            return [.. vector.Take(shortDimensions).Select(v => (float)(Half)(v / length))];
        }
    }

    [Fact]
    public async Task Load_HalfVectors_KeepsRowsRoundedAndScoresThem()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { EmbeddingColumnType = PgvectorType.HalfVector });
        Rows.Row[] rows = Rows.Make(60);
        await Assert.ThrowsAnyAsync<Exception>(
            () => table.LoadAsync(
                "all", Rows.View(Rows.FailingAfter(rows, 45)), new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = 20 }));
        Assert.Equal(40, await schema.CountAsync());
        await table.LoadAsync("all", Rows.View(rows), s_options);

        Rows.Row[] rounded = [
            .. rows.Select(row => new Rows.Row { Id = row.Id, Embedding = [.. row.Embedding.Select(v => (float)(Half)v)] })];
        Assert.Equal(rounded.Select(row => LoadTests.Text(row.Id, row.Embedding)), await schema.ContentAsync());
        float[] query = Rows.Make(1, seed: 2)[0].Embedding;
        (long Id, double Score)[] expected = [
            .. rounded.Select(row => (row.Id, Rows.Cosine(row.Embedding, query, Rows.Width))).OrderByDescending(pair => pair.Item2)
            .Take(10)];
        foreach (IReadOnlyList<VectorMatch<long>> found in new[] { await table.SearchExactAsync(query), await table.SearchAsync(query) })
        {
            Assert.Equal(expected.Select(pair => pair.Id), found.Select(match => match.Id));
            Assert.Equal(expected.Select(pair => pair.Score), found.Select(match => match.Score), new Near(1e-6));
        }
    }

    public static TheoryData<float, string?> Edges => new()
    {
        { 65504, null },
        { 65519, null },
        { 65520, "has 65520 in slot 20, counted from 0, beyond the 65504 of half precision" },
        { -1e6f, "has -1000000 in slot 20, counted from 0, beyond the 65504 of half precision" },
        { float.NaN, "has NaN in slot 20" },
        { float.PositiveInfinity, "has Infinity in slot 20" },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public async Task Load_ValueAtOrBeyondHalfPrecision_IsKeptOrUnfit(float value, string? problem)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { EmbeddingColumnType = PgvectorType.HalfVector, PrefixType = PgvectorType.HalfVector });
        Rows.Row[] rows = Rows.Make(3);
        rows[1].Embedding[20] = value;

        if (problem is not null)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("refused", Rows.View(rows), s_options));
            Assert.Contains($"The vector of row 1, counted from 0, with id '1001', {problem}", error.Message, StringComparison.Ordinal);
        }
        VectorLoadState state = await table.LoadAsync(
            "all", Rows.View(rows), new VectorLoadOptions { IdColumnName = "Id", InvalidVectors = InvalidVectors.Skip });
        Assert.Equal(problem is null ? 0 : 1, state.RowsSkipped);
        if (problem is null)
        {
            Assert.Equal(
                65504, await schema.ScalarAsync<double>(
                    $"SELECT split_part(trim('[]' from embedding::text), ',', 21)::float8 FROM \"{schema.Name}\".items WHERE id = 1001"));
        }
    }

    [Fact]
    public async Task Load_PrefixThatRoundsToZero_IsUnfitForHalfVectorsAlone()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { EmbeddingColumnType = PgvectorType.HalfVector });
        Rows.Row[] rows = Rows.Make(2);
        Array.Fill(rows[1].Embedding, 1e-8f, 0, 8);

        Assert.Contains(
            "with id '1001', has only zeros or nearly so in its first 8 values",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("all", Rows.View(rows), s_options))).Message,
            StringComparison.Ordinal);
        PostgresVectorTable<long> single = await schema.TableAsync<long>(
            schema.Options with { TableName = "single", PrefixType = PgvectorType.HalfVector });
        await single.CreateIndexAsync();
        Assert.Equal(2, (await single.LoadAsync("all", Rows.View(rows), s_options)).RowsLoaded);
    }

    /// <summary>Prefixes are brought to unit length before they are rounded, so that what is beyond half precision, or below it, is found
    /// as well.</summary>
    [Theory]
    [InlineData(1e7f)]
    [InlineData(1e-9f)]
    public async Task Search_HalfPrefixesOfVectorsOfAnyLength_FindsThem(float factor)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { PrefixType = PgvectorType.HalfVector });
        Rows.Row[] rows = Rows.Make(100);
        foreach (Rows.Row row in rows.Skip(1))
        {
            row.Embedding = [.. row.Embedding.Select(v => v * factor)];
        }
        await table.LoadAsync("first", Rows.View(rows[..50]), s_options);
        await table.CreateIndexAsync();
        await table.LoadAsync("second", Rows.View(rows[50..]), s_options);

        foreach (Rows.Row row in rows)
        {
            VectorMatch<long> found = (await table.SearchAsync(row.Embedding, 1))[0];
            Assert.Equal((row.Id, 1), (found.Id, Math.Round(found.Score, 5)));
        }
    }

    [Theory]
    [InlineData(PgvectorType.Vector, PostgresVectorTableOptions.MaxIndexedDimensions)]
    [InlineData(PgvectorType.HalfVector, PostgresVectorTableOptions.MaxIndexedHalfDimensions)]
    [InlineData(PgvectorType.Bit, PostgresVectorTableOptions.MaxDimensions)]
    public async Task CreateIndex_AtTheLimit_IsBuiltAndFinds(PgvectorType prefix, int limit)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        foreach (PgvectorType storage in (PgvectorType[])[PgvectorType.Vector, PgvectorType.HalfVector])
        {
            PostgresVectorTable<long> table = await schema.TableAsync<long>(
                schema.Options with { TableName = $"{storage}", Dimensions = limit, ShortDimensions = limit, EmbeddingColumnType = storage,
                PrefixType = prefix });
            Rows.Row[] rows = Rows.Make(5, width: limit);
            await table.LoadAsync("all", Rows.View(rows, limit), s_options);
            await table.CreateIndexAsync();

            Assert.Equal(1003, (await table.SearchAsync(rows[3].Embedding, 1))[0].Id);
        }
    }

    [Fact]
    public async Task Create_OtherStorageOrPrefix_IsToldApart()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>();
        Assert.Contains(
            "expected halfvec(32), got vector(32)",
            (await Assert.ThrowsAsync<InvalidOperationException>(
                () => schema.TableAsync<long>(schema.Options with { EmbeddingColumnType = PgvectorType.HalfVector })))
                .Message, StringComparison.Ordinal);

        string[] names = [
            .. Enum.GetValues<PgvectorType>()
            .Select(prefix => new PostgresVectorTable<long>(schema.DataSource, schema.Options with { PrefixType = prefix }).IndexName)];
        Assert.Equal(["items_embedding_8_hnsw", "items_embedding_8_half_hnsw", "items_embedding_8_bit_hnsw"], names);
        foreach (PgvectorType prefix in Enum.GetValues<PgvectorType>())
        {
            await new PostgresVectorTable<long>(schema.DataSource, schema.Options with { PrefixType = prefix }).CreateIndexAsync();
        }
        string definitions = await schema.ScalarAsync<string>(
            $"SELECT string_agg(indexdef, ' ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = '{schema.Name}' AND indexname LIKE '%hnsw'");
        Assert.Contains("((binary_quantize(subvector(embedding, 1, 8)))::bit(8)) bit_hamming_ops", definitions, StringComparison.Ordinal);
        Assert.Contains(
            "((l2_normalize(subvector(embedding, 1, 8)))::halfvec(8)) halfvec_cosine_ops", definitions, StringComparison.Ordinal);
        Assert.Empty(await table.SearchAsync(Rows.Make(1)[0].Embedding));
    }

    private sealed class Near(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double obj) => 0;
    }
}

using Microsoft.ML.Data;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres.Tables;

public sealed class PostgresVectorTableOptionsTests : IDisposable
{
    private static readonly PostgresVectorTableOptions s_valid = new() { TableName = "items", Dimensions = 256, ShortDimensions = 32 };

    private readonly NpgsqlDataSource _dataSource = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");

    public static TheoryData<PostgresVectorTableOptions, string> Wrong => new()
    {
        { s_valid with { Dimensions = 16_001 }, "Dimensions is 16001; pgvector's vector has 1..16000." },
        { s_valid with { Dimensions = 0 }, "Dimensions is 0; pgvector's vector has 1..16000." },
        { s_valid with { Dimensions = 4000, ShortDimensions = 2001 },
            "ShortDimensions is 2001; pgvector's HNSW index of vector takes 1..2000." },
        { s_valid with { ShortDimensions = 0 }, "ShortDimensions is 0; pgvector's HNSW index of vector takes 1..2000." },
        { s_valid with { Dimensions = 5000, ShortDimensions = 4001, PrefixType = PgvectorType.HalfVector },
            "ShortDimensions is 4001; pgvector's HNSW index of halfvec takes 1..4000." },
        { s_valid with { ShortDimensions = 64_001, PrefixType = PgvectorType.Bit },
            "ShortDimensions is 64001; pgvector's HNSW index of bit takes 1..64000." },
        { s_valid with { Dimensions = 16_001, EmbeddingColumnType = PgvectorType.HalfVector },
            "Dimensions is 16001; pgvector's halfvec has 1..16000." },
        { s_valid with { EmbeddingColumnType = (PgvectorType)7 }, "EmbeddingColumnType is 7; choose one of Vector, HalfVector." },
        { s_valid with { PrefixType = (PgvectorType)7 }, "PrefixType is 7; choose one of Vector, HalfVector, Bit." },
        { s_valid with { ShortDimensions = 257 }, "ShortDimensions is 257, above Dimensions of 256; choose 1..256." },
        { s_valid with { M = 1 }, "M is 1; choose 2..100." },
        { s_valid with { M = 101, EfConstruction = 300 }, "M is 101; choose 2..100." },
        { s_valid with { EfConstruction = 31 }, "EfConstruction is 31, below twice M of 16; choose 32 or more." },
        { s_valid with { EfConstruction = 1001 }, "EfConstruction is 1001; choose 4..1000." },
        { s_valid with { IndexMemoryMiB = 0 }, "IndexMemoryMiB is 0; choose 1 or more." },
        { s_valid with { TableName = "" }, "TableName is empty; give a name." },
        { s_valid with { SchemaName = "a\0b" }, "SchemaName has a zero character" },
        { s_valid with { IdColumnName = "\ud800" }, "IdColumnName has an unpaired surrogate" },
        { s_valid with { EmbeddingColumnName = new string('é', 32) }, "takes 64 bytes in UTF-8; PostgreSQL allows 63." },
        { s_valid with { Columns = [new("a"), new("id")] }, "Column 'id' is named more than once" },
        { s_valid with { Columns = [new("")] }, "Columns is empty" },
        { s_valid with { Columns = [new("a", (DataKind)77)] }, "Column 'a' is of type 77; choose one of String, Boolean," },
        { s_valid with { HashPartitions = 0 }, "HashPartitions is 0; choose 1..1000." },
        { s_valid with { TableName = "mrl_loads" }, "TableName and LoadTableName are both 'mrl_loads'" },
    };

    public void Dispose() => _dataSource.Dispose();

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Table_WrongOptions_SaysWhatIsWrong(PostgresVectorTableOptions options, string problem)
    {
        var error = Assert.Throws<ArgumentException>(nameof(options), () => new PostgresVectorTable<long>(_dataSource, options));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_SeveralWrongOptions_SaysAll()
    {
        var error = Assert.Throws<ArgumentException>(
            () => new PostgresVectorTable<long>(
                _dataSource, s_valid with { TableName = "", Dimensions = 20_000, ShortDimensions = 3000, M = 1 }));

        Assert.All(
            ["TableName is", "Dimensions is 20000", "ShortDimensions is 3000", "M is 1"],
            part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Table_SizesAtTheLimits_AreTaken()
    {
        var table = new PostgresVectorTable<string>(
            _dataSource,
            s_valid with { Dimensions = 16_000, ShortDimensions = 2000, M = 100, EfConstruction = 1000, TableName = new string('t', 63) });

        Assert.Equal(63, table.IndexName.Length);
        Assert.EndsWith("_2000_hnsw", table.IndexName, StringComparison.Ordinal);
    }

    [Fact]
    public void IndexName_NamesThatAreCutAlike_Differ()
    {
        string[] names = [
            .. new[] { "embedding", "embedding2" }.Select(
                column => new PostgresVectorTable<long>(
                    _dataSource, s_valid with { TableName = new string('é', 30), EmbeddingColumnName = column }).IndexName)];

        Assert.NotEqual(names[0], names[1]);
        Assert.All(names, name => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 1, 63));
        Assert.Equal("items_embedding_32_hnsw", new PostgresVectorTable<long>(_dataSource, s_valid).IndexName);
    }

    [Fact]
    public void Table_OtherIds_NotSupported() =>
        Assert.Contains(
            "Ids of type Int32 are not supported. Choose long or string.", Assert.Throws<NotSupportedException>(
                () => new PostgresVectorTable<int>(_dataSource, s_valid)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Load_WrongOptions_SaysAll()
    {
        var table = new PostgresVectorTable<long>(_dataSource, s_valid);
        var options =
            new VectorLoadOptions { EmbeddingColumnName = "", IdColumnName = "", RowsPerChunk = 0, Fingerprint = "a\0",
            InvalidVectors = (InvalidVectors)7, ResumeCheck = (ResumeCheck)7 };

        var error = await Assert.ThrowsAsync<ArgumentException>(() => table.LoadAsync("load", Rows.View([]), options));

        Assert.All(
            ["EmbeddingColumnName is empty", "IdColumnName is empty", "RowsPerChunk is 0", "Fingerprint is not a text",
            "InvalidVectors is 7", "ResumeCheck is 7"],
            part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        await Assert.ThrowsAsync<ArgumentException>(() => table.LoadAsync("", Rows.View([])));
        await Assert.ThrowsAsync<ArgumentException>(() => table.LoadAsync("a\0", Rows.View([])));
    }

    [Fact]
    public async Task Search_WrongArguments_SayWhatIsWrong()
    {
        var table = new PostgresVectorTable<long>(_dataSource, s_valid);
        float[] query = [.. Enumerable.Repeat(1f, 256)];

        Assert.Contains(
            "The query has 32 values, but the table's vectors have 256.",
            (await Assert.ThrowsAsync<ArgumentException>("query", () => table.SearchAsync(query.AsMemory(0, 32)))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "hnsw.ef_search goes up to 1000",
            (await Assert.ThrowsAsync<ArgumentException>(
                "options", () => table.SearchAsync(query, 10, new() { NumberOfCandidates = 1001 }))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Choose 1..20, or more NumberOfCandidates.",
            (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                "top", () => table.SearchAsync(query, 21, new() { NumberOfCandidates = 20 }))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("top", () => table.SearchExactAsync(query, 0));
        Assert.Contains(
            "has NaN in slot 3", (await Assert.ThrowsAsync<ArgumentException>("query", () => table.SearchAsync(Changed(3, float.NaN))))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "has only zeros or nearly so in its first 32 values",
            (await Assert.ThrowsAsync<ArgumentException>("query", () => table.SearchExactAsync(new float[256]))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "is too long", (await Assert.ThrowsAsync<ArgumentException>("query", () => table.ExplainSearchAsync(Changed(200, 1e20f))))
            .Message, StringComparison.Ordinal);

        float[] Changed(int slot, float value)
        {
            float[] changed = [.. query];
            changed[slot] = value;
            return changed;
        }
    }
}

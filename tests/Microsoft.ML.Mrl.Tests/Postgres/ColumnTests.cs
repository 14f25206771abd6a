using Microsoft.ML.Data;
namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Columns that are carried along.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ColumnTests(PostgresServer server)
{
    private static readonly VectorLoadOptions s_options = new() { IdColumnName = "Id", RowsPerChunk = 4 };

    [Fact]
    public async Task Load_ColumnsOfEveryType_ComeBackWithHits()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = Document.Columns });
        Document[] documents = Document.Make(6);
        (documents[0].Price, documents[0].Weight, documents[0].Day) = (float.NaN, double.NaN, DateTime.MinValue);
        (documents[1].Price, documents[1].Weight, documents[1].Day) = (float.NegativeInfinity, double.PositiveInfinity, DateTime.MaxValue);
        (documents[2].Year, documents[2].Size, documents[2].Day) =
            (int.MinValue, long.MaxValue, new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Utc).AddTicks(9));
        (documents[3].Price, documents[3].Weight, documents[3].Day) =
            (float.Epsilon, double.Epsilon, new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Local).AddTicks(10));

        await table.LoadAsync("all", Document.View(documents), s_options);
        await table.CreateAsync();

        for (int i = 0; i < documents.Length; i++)
        {
            VectorMatch<long> found = (await table.SearchExactAsync(documents[i].Embedding, 1))[0];
            Assert.Equal(documents[i].Id, found.Id);
            Assert.Equal(documents[i].Language, found.Get<string>("Language"));
            Assert.Equal(documents[i].Draft, found.Get<bool>("Draft"));
            Assert.Equal(documents[i].Year, found.Get<int>("Year"));
            Assert.Equal(documents[i].Size, found.Get<long>("Size"));
            Assert.Equal(documents[i].Price, found.Get<float>("Price"));
            Assert.Equal(documents[i].Weight, found.Get<double>("Weight"));
            DateTime day = found.Get<DateTime>("Day");
            Assert.Equal((documents[i].Day.Ticks - (documents[i].Day.Ticks % 10), DateTimeKind.Unspecified), (day.Ticks, day.Kind));
            Assert.Equal(Document.Columns.Select(column => column.Name), found.Values.Keys);
            Assert.Contains(
                "has no column 'year', but 'Language', 'Draft'", Assert.Throws<ArgumentException>(() => found.Get<int>("year")).Message,
                StringComparison.Ordinal);
            Assert.Contains(
                "has a Int32, not a Int64", Assert.Throws<InvalidCastException>(() => found.Get<long>("Year")).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Load_GoesOnOnlyWithTheSameColumns()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = Document.Columns });
        await table.LoadAsync("all", Document.View(Document.Make(6)), s_options);
        Action<Document>[] changes = [
            d => d.Language += "!", d => d.Draft ^= true, d => d.Year++, d => d.Size--, d => d.Price = MathF.BitIncrement(d.Price),
            d => d.Weight = Math.BitDecrement(d.Weight), d => d.Day = d.Day.AddMicroseconds(1)];

        foreach (Action<Document> change in changes)
        {
            Document[] changed = Document.Make(6);
            change(changed[5]);
            Assert.Contains(
                "have other vectors or columns",
                (await Assert.ThrowsAsync<InvalidOperationException>(() => table.LoadAsync("all", Document.View(changed), s_options)))
                .Message, StringComparison.Ordinal);
        }
        Assert.True((await table.LoadAsync("all", Document.View(Document.Make(6)), s_options)).IsComplete);
        Assert.Equal(6, await schema.CountAsync());
    }

    [Fact]
    public async Task Load_NarrowerNumbers_AreWidened()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { Columns = [new("Year", DataKind.Int64), new("Price", DataKind.Double)] });
        Document[] documents = Document.Make(3);
        await table.LoadAsync("all", Document.View(documents), s_options);

        VectorMatch<long> found = (await table.SearchExactAsync(documents[2].Embedding, 1))[0];
        Assert.Equal((2002L, (double)documents[2].Price), (found.Get<long>("Year"), found.Get<double>("Price")));
    }

    [Fact]
    public async Task Load_ColumnsOfOtherTypes_SaysWhatWasExpected()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = [new("Size", DataKind.Int32)] });
        Assert.Contains(
            "value column 'Size': expected Int32, got Int64",
            (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => table.LoadAsync("all", Document.View(Document.Make(1)), s_options))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "another column 'Size': expected timestamp without time zone, got integer",
            (await Assert.ThrowsAsync<InvalidOperationException>(
                () => schema.TableAsync<long>(schema.Options with { Columns = [new("Size", DataKind.DateTime)] })))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_NullsOfATableMadeElsewhere_AreEmptyTextsOrNoValue()
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        await schema.TableAsync<long>(schema.Options with { TableName = "first" });
        await schema.ExecuteAsync(
            $"CREATE TABLE \"{schema.Name}\".items (id bigint PRIMARY KEY, embedding vector({Rows.Width}), \"Language\" text, \"Year\" integer)");
        PostgresVectorTable<long> table = await schema.TableAsync<long>(
            schema.Options with { Columns = [new("Language"), new("Year", DataKind.Int32)] });
        await schema.ExecuteAsync(
            $"INSERT INTO \"{schema.Name}\".items SELECT 1, array_agg(i)::vector FROM generate_series(1, {Rows.Width}) i");

        VectorMatch<long> found = (await table.SearchAsync(Rows.Make(1)[0].Embedding))[0];
        Assert.Equal(("", null), (found.Get<string>("Language"), found.Get<int?>("Year")));
        Assert.Contains(
            "has no value, not a Int32", Assert.Throws<InvalidCastException>(() => found.Get<int>("Year")).Message,
            StringComparison.Ordinal);
    }
}

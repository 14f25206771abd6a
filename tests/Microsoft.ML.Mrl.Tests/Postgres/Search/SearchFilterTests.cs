using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Postgres.Search;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres.Search;

/// <summary>Filters of many conditions, however a program chains them. Filters in searches are tested by
/// <see cref="FilterTests"/>.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SearchFilterTests(PostgresServer server)
{
    private static readonly PostgresVectorTableOptions s_table = new()
    {
        TableName = "items",
        Dimensions = 4,
        ShortDimensions = 2,
        Columns = [new("Year", DataKind.Int32)],
    };

    [Theory]
    [InlineData("left |")]
    [InlineData("left &")]
    [InlineData("right |")]
    [InlineData("alternating")]
    [InlineData("doubled")]
    public void Write_TooLongChain_SaysTheLimitInTime(string chain)
    {
        var watch = Stopwatch.StartNew();
        SearchFilter filter = Year(0);
        for (int i = 1; i < 200_000; i++)
        {
            filter = chain switch
            {
                "left |" => filter | Year(i),
                "left &" => filter & Year(i),
                "right |" => Year(i) | filter,
                "doubled" => filter | filter,
                _ => i % 2 == 0 ? filter | Year(i) : filter & Year(i),
            };
        }

        string message = Assert.Throws<ArgumentException>("options", () => Write(filter)).Message;
        Assert.Contains($"conditions; at most {SearchFilter.MaxConditions} are allowed", message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public void Write_NestedTooDeep_SaysTheLimit()
    {
        SearchFilter filter = Year(0);
        for (int i = 1; i < 2 * SearchFilter.MaxDepth; i++)
        {
            filter = i % 2 == 0 ? filter | Year(i) : filter & Year(i);
        }
        Assert.Contains(
            $"at most {SearchFilter.MaxDepth} is allowed", Assert.Throws<ArgumentException>("options", () => Write(filter)).Message,
            StringComparison.Ordinal);

        SearchFilter negated = Year(0);
        for (int i = 0; i < 200_001; i++)
        {
            negated = !negated;
        }
        Assert.Equal("(NOT (\"Year\" = $1))", Write(negated));
    }

    [Fact]
    public void Write_MixedJoins_KeepsWhatBelongsTogether()
    {
        SearchFilter filter = (Year(1) | Year(2) | (Year(3) | Year(4))) & !(Year(5) & Year(6)) & Year(7);

        Assert.Equal(
            "(((Y1) OR (Y2) OR (Y3) OR (Y4)) AND (NOT ((Y5) AND (Y6))) AND (Y7))",
            Write(filter).Replace("\"Year\" = $", "Y", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Search_AsManyConditionsAsAllowed_Finds(bool nested)
    {
        await using TestSchema schema = await server.NewSchemaAsync();
        PostgresVectorTable<long> table = await schema.TableAsync<long>(schema.Options with { Columns = [new("Year", DataKind.Int32)] });
        Document[] documents = Document.Make(30);
        await table.LoadAsync("all", Document.View(documents), new VectorLoadOptions { IdColumnName = "Id" });
        SearchFilter filter = SearchFilter.Equal("Year", documents[4].Year);
        for (int i = 1; i < (nested ? SearchFilter.MaxDepth - 1 : SearchFilter.MaxConditions); i++)
        {
            filter = nested && i % 2 == 0 ? filter & SearchFilter.GreaterThanOrEqual("id", 0) : filter | Year(-i);
        }

        long[] expected = [.. documents.Where(d => d.Year == documents[4].Year).Select(d => d.Id).Order()];
        Assert.Equal(expected, (await table.SearchExactAsync(documents[0].Embedding, 30, filter)).Select(match => match.Id).Order());
    }

    private static SearchFilter Year(int year) => SearchFilter.Equal("Year", year);

    private static string Write(SearchFilter filter)
    {
        using var command = new NpgsqlCommand();
        return filter.Write(new FilterWriter(s_table, "bigint", command.Parameters));
    }
}

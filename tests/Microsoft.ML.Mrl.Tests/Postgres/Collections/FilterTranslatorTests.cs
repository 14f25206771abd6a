using System.Diagnostics;
using System.Linq.Expressions;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Postgres.Collections;
using Microsoft.ML.Mrl.Postgres.Search;
using Microsoft.ML.Mrl.Tests.ExtensionsVectorData;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres.Collections;

/// <summary>Predicates that a program makes, of any length, depth and sharing.</summary>
public class FilterTranslatorTests
{
    private static readonly ParameterExpression s_note = Expression.Parameter(typeof(Note));
    private static readonly Expression s_number = Expression.Property(s_note, nameof(Note.Number));

    [Theory]
    [InlineData("left ||")]
    [InlineData("right ||")]
    [InlineData("left &&")]
    [InlineData("alternating")]
    [InlineData("right alternating")]
    [InlineData("doubled")]
    [InlineData("doubled alternating")]
    [InlineData("sum")]
    [InlineData("doubled sum")]
    public void Translate_TooMuch_SaysWhatToDoInTime(string shape)
    {
        var clock = Stopwatch.StartNew();
        bool doubles = shape.StartsWith("doubled", StringComparison.Ordinal);
        Expression node = shape.EndsWith("sum", StringComparison.Ordinal) ? Expression.Constant(1) : Condition(0);
        for (int i = 1; i < (doubles ? 150 : 100_000); i++)
        {
            Expression other = doubles ? node : shape == "sum" ? Expression.Constant(1) : Condition(i);
            node = shape switch
            {
                "left ||" => Expression.OrElse(node, other),
                "right ||" => Expression.OrElse(other, node),
                "left &&" => Expression.AndAlso(node, other),
                "sum" or "doubled sum" => Expression.Add(node, other),
                "right alternating" => i % 2 == 0 ? Expression.OrElse(other, node) : Expression.AndAlso(other, node),
                "doubled" => Expression.OrElse(node, other),
                _ => i % 2 == 0 ? Expression.OrElse(node, other) : Expression.AndAlso(node, other),
            };
        }
        node = node.Type == typeof(int) ? Expression.Equal(s_number, node) : node;

        string message = Assert.Throws<NotSupportedException>(() => Translate(node)).Message;

        Assert.Contains("values.Contains(r.Property)", message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Translate_NegatedVeryOften_IsTheConditionOrItsOpposite()
    {
        Expression node = Condition(7);
        for (int i = 0; i < 100_001; i++)
        {
            node = Expression.Not(node);
        }

        Assert.Equal("(NOT (\"Number\" = $1))", Sql(node));
        Assert.Equal("(\"Number\" = $1)", Sql(Expression.Not(node)));
    }

    [Fact]
    public void Translate_AsManyConditionsAsAllowed_AreJoinedInOrder()
    {
        Expression node = Condition(0);
        for (int i = 1; i < SearchFilter.MaxConditions; i++)
        {
            node = Expression.OrElse(node, Condition(i));
        }

        string sql = Sql(node);

        Assert.StartsWith("((\"Number\" = $1) OR (\"Number\" = $2) OR ", sql, StringComparison.Ordinal);
        Assert.EndsWith(" OR (\"Number\" = $10000))", sql, StringComparison.Ordinal);
    }

    [Fact]
    public void Translate_MixedJoins_KeepsWhatBelongsTogether() =>
        Assert.Equal(
            "((\"Number\" = $1) AND ((\"Number\" = $2) OR (\"Number\" = $3)) AND (NOT ((\"Number\" = $4) AND (\"Number\" = $5))))",
            Sql(Expression.AndAlso(
                Expression.AndAlso(Condition(1), Expression.OrElse(Condition(2), Condition(3))),
                Expression.Not(Expression.AndAlso(Condition(4), Condition(5))))));

    private static BinaryExpression Condition(int number) => Expression.Equal(s_number, Expression.Constant(number));

    private static SearchFilter Translate(Expression node) =>
        FilterTranslator.Translate(Expression.Lambda<Func<Note, bool>>(node, s_note), property => property);

    private static string Sql(Expression node)
    {
        var table =
            new PostgresVectorTableOptions { TableName = "notes", Dimensions = 4, ShortDimensions = 2,
            Columns = [new("Number", DataKind.Int32)] };
        using var command = new NpgsqlCommand();
        return Translate(node).Write(new FilterWriter(table, "bigint", command.Parameters));
    }
}

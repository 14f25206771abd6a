using System.Collections;
using System.Linq.Expressions;

namespace Microsoft.ML.Mrl.Postgres.Collections;

/// <summary>Translates predicates on records into filters on columns.</summary>
/// <param name="columnOf">Returns the column of a property.</param>
/// <param name="record">The parameter of the predicate.</param>
internal sealed class FilterTranslator(Func<string, string> columnOf, ParameterExpression record)
{
    private const int MaxDepth = 200, MaxParts = 10_000;

    private static readonly SearchFilter s_all = SearchFilter.Sql($"TRUE");
    private static readonly SearchFilter s_none = SearchFilter.Sql($"FALSE");

    private int _conditions;

    /// <exception cref="NotSupportedException">A part of the predicate cannot be translated.</exception>
    public static SearchFilter Translate<TRecord>(Expression<Func<TRecord, bool>> predicate, Func<string, string> columnOf) =>
        new FilterTranslator(columnOf, predicate.Parameters[0]).Condition(predicate.Body, 0);

    /// <summary>Returns the column that an expression selects.</summary>
    /// <exception cref="NotSupportedException">The expression does not select a property.</exception>
    public static string Column<TRecord>(Expression<Func<TRecord, object?>> selector, Func<string, string> columnOf) =>
        new FilterTranslator(columnOf, selector.Parameters[0]).Column(selector.Body) ?? throw Unknown(selector.Body);

    private SearchFilter Condition(Expression node, int depth)
    {
        bool isNegated = false;
        for (; node is UnaryExpression { NodeType: ExpressionType.Not } not; node = not.Operand)
        {
            isNegated = !isNegated;
        }
        if (depth > MaxDepth)
        {
            throw TooDeep();
        }
        SearchFilter filter = node is BinaryExpression { NodeType: var join } joined && IsJoin(join)
            ? Operands(joined).Select(operand => Condition(operand, depth + 1)).Aggregate(
                (left, right) => IsAnd(join) ? left & right : left | right)
            : Single(node);
        return isNegated ? !filter : filter;
    }

    private static bool IsAnd(ExpressionType type) => type is ExpressionType.AndAlso or ExpressionType.And;

    private static bool IsJoin(ExpressionType type) => IsAnd(type) || type is ExpressionType.OrElse or ExpressionType.Or;

    /// <summary>What the same word joins, in order, however many there are and in whatever order they were joined.</summary>
    private static List<Expression> Operands(BinaryExpression joined)
    {
        var operands = new List<Expression>();
        var open = new Stack<Expression>([joined]);
        while (open.TryPop(out Expression? next))
        {
            if (next is BinaryExpression inner && IsJoin(inner.NodeType) && IsAnd(inner.NodeType) == IsAnd(joined.NodeType))
            {
                open.Push(inner.Right);
                open.Push(inner.Left);
            }
            else
            {
                operands.Add(next);
            }
            // One expression may be a part of many.
            if (operands.Count > SearchFilter.MaxConditions)
            {
                throw TooMany();
            }
        }
        return operands;
    }

    private SearchFilter Single(Expression node)
    {
        if (++_conditions > SearchFilter.MaxConditions)
        {
            throw TooMany();
        }
        new SizeCheck().Visit(node);
        return node switch
        {
            BinaryExpression comparison => Compare(comparison),
            MethodCallExpression { Method.Name: "Contains" } contains => Contains(contains),
            _ when Column(node) is { } column => SearchFilter.Equal(column, true),
            _ when !Mentions(node) && Value(node) is bool constant => constant ? s_all : s_none,
            _ => throw Unknown(node),
        };
    }

    private SearchFilter Compare(BinaryExpression node)
    {
        bool turned = Column(node.Left) is null;
        string column = Column(node.Left) ?? Column(node.Right) ?? throw Unknown(node);
        Expression other = turned ? node.Left : node.Right;
        if (Mentions(other))
        {
            throw Unknown(node);
        }
        ExpressionType comparison = !turned ? node.NodeType : node.NodeType switch
        {
            ExpressionType.LessThan => ExpressionType.GreaterThan,
            ExpressionType.LessThanOrEqual => ExpressionType.GreaterThanOrEqual,
            ExpressionType.GreaterThan => ExpressionType.LessThan,
            ExpressionType.GreaterThanOrEqual => ExpressionType.LessThanOrEqual,
            _ => node.NodeType,
        };
        if (Value(other) is not { } value)
        {
            // No column has NULL, and no value compares with null.
            return comparison == ExpressionType.NotEqual ? s_all : s_none;
        }
        return comparison switch
        {
            ExpressionType.Equal => SearchFilter.Equal(column, value),
            ExpressionType.NotEqual => SearchFilter.NotEqual(column, value),
            ExpressionType.LessThan => SearchFilter.LessThan(column, value),
            ExpressionType.LessThanOrEqual => SearchFilter.LessThanOrEqual(column, value),
            ExpressionType.GreaterThan => SearchFilter.GreaterThan(column, value),
            ExpressionType.GreaterThanOrEqual => SearchFilter.GreaterThanOrEqual(column, value),
            _ => throw Unknown(node),
        };
    }

    /// <summary>Translates <c>values.Contains(r.Property)</c>, whether the compiler chose a method of lists, sequences or spans.</summary>
    private SearchFilter Contains(MethodCallExpression node)
    {
        Expression[] parts = node.Object is null ? [.. node.Arguments] : [node.Object, .. node.Arguments];
        Expression values = parts[0] is MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var array] } ? array
            : parts[0] is UnaryExpression { NodeType: ExpressionType.Convert, Method.Name: "op_Implicit" } convert ? convert.Operand
            : parts[0];
        bool plain = parts.Length == 2 || (parts.Length == 3 && parts[2] is ConstantExpression { Value: null });
        return plain && Column(parts[1]) is { } column && !Mentions(values) && Value(values) is IEnumerable sequence and not string
            ? SearchFilter.In(column, sequence.Cast<object?>().Where(value => value is not null))
            : throw Unknown(node);
    }

    private string? Column(Expression node) => node switch
    {
        UnaryExpression { NodeType: ExpressionType.Convert } convert => Column(convert.Operand),
        MemberExpression member when member.Expression == record => columnOf(member.Member.Name),
        MethodCallExpression { Method.Name: "get_Item", Object: { } target, Arguments: [var key] }
            when target == record && Value(key) is string name => columnOf(name),
        _ => null,
    };

    private bool Mentions(Expression node)
    {
        var finder = new ParameterFinder(record);
        finder.Visit(node);
        return finder.Found;
    }

    private static object? Value(Expression node) => node is ConstantExpression constant
        ? constant.Value
        : Expression.Lambda<Func<object?>>(Expression.Convert(node, typeof(object))).Compile(preferInterpretation: true)();

    private static NotSupportedException Unknown(Expression node) => new(
        $"The filter has `{node}`, which cannot be translated into SQL. Compare properties of the record with values, "
        + "use `values.Contains(r.Property)`, "
        + "and join these by &&, || and !.");

    private static NotSupportedException TooDeep() => new(
        $"The filter nests expressions more than {MaxDepth} deep, which cannot be translated into SQL. Write it with fewer changes between "
        + "&&, || and !, compute values before, and compare a property with many values by `values.Contains(r.Property)`.");

    private static NotSupportedException TooMany() => new(
        $"The filter has more than {SearchFilter.MaxConditions} conditions, or one of more than {MaxParts} parts, which cannot be "
        + "translated into SQL. Compute values before, and compare a property with many values by `values.Contains(r.Property)`.");

    /// <summary>Looks at every part first, so that whatever follows may go down as deep as it likes.</summary>
    private sealed class SizeCheck : ExpressionVisitor
    {
        private int _depth, _parts;

        public override Expression? Visit(Expression? node)
        {
            if (++_depth > MaxDepth)
            {
                throw TooDeep();
            }
            if (++_parts > MaxParts)
            {
                throw TooMany();
            }
            Expression? visited = base.Visit(node);
            _depth--;
            return visited;
        }
    }

    private sealed class ParameterFinder(ParameterExpression wanted) : ExpressionVisitor
    {
        public bool Found { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            Found |= node == wanted;
            return node;
        }
    }
}

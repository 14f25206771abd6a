using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Extensions.VectorData.Records;

namespace Microsoft.ML.Mrl.Extensions.VectorData;

/// <summary>Represents a vector property of records: a CLR property, or an entry of dynamic records.</summary>
internal sealed class RecordVector<TRecord>
    where TRecord : class
{
    private readonly PropertyInfo? _property;

    private RecordVector(string name, PropertyInfo? property, Expression<Func<TRecord, object?>> selector)
    {
        Name = name;
        _property = property;
        Selector = selector;
        VectorStoreVectorAttribute? attribute = property?.GetCustomAttribute<VectorStoreVectorAttribute>();
        Dimensions = attribute?.Dimensions;
        DistanceFunction = attribute?.DistanceFunction;
    }

    public string Name { get; }

    /// <summary>Gets the expression that names the property to the store.</summary>
    public Expression<Func<TRecord, object?>> Selector { get; }

    /// <summary>Gets the number of dimensions that the property's attribute says, if any.</summary>
    public int? Dimensions { get; }

    /// <summary>Gets the distance function that the property's attribute says, if any.</summary>
    public string? DistanceFunction { get; }

    /// <exception cref="ArgumentException">The expression is not a property, or the property has an unsupported type.</exception>
    public static RecordVector<TRecord> Create(Expression<Func<TRecord, object?>> selector, string parameter)
    {
        if (Find(selector) is not { } found)
        {
            throw new ArgumentException(
                $"`{selector}` is not a property of {typeof(TRecord).Name}. Write `r => r.Embedding`, "
                + "or `r => r[\"Embedding\"]` for dynamic records.", parameter);
        }
        if (found.Property is { } property)
        {
            if (!VectorValue.IsVector(property.PropertyType))
            {
                Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                throw new ArgumentException($"Property '{found.Name}' is a {type.Name}, not a {VectorValue.Types}. "
                    + "Generate its vectors before records are upserted.", parameter);
            }
            if (property.SetMethod is null)
            {
                throw new ArgumentException($"Property '{found.Name}' cannot be set. Give it a setter or an initializer.", parameter);
            }
        }
        return new RecordVector<TRecord>(found.Name, found.Property, selector);
    }

    /// <summary>Returns the name of the property that an expression selects, or null if it is not a property.</summary>
    public static string? NameOf(Expression<Func<TRecord, object?>> selector) => Find(selector)?.Name;

    /// <summary>Returns the vector of a record, or null if it has none.</summary>
    public ReadOnlyMemory<float>? Get(TRecord record) => Read(Value(record), Name);

    /// <summary>Sets the vector of a record. In a dynamic record, it gets the type of a similar value.</summary>
    public void Set(TRecord record, float[] vector, object? like)
    {
        object value = VectorValue.Of(vector, _property?.PropertyType ?? like?.GetType() ?? typeof(ReadOnlyMemory<float>));
        if (_property is null)
        {
            ((IDictionary<string, object?>)record)[Name] = value;
        }
        else
        {
            _property.SetValue(record, value);
        }
    }

    /// <summary>Returns the value of a record as it is.</summary>
    public object? Value(TRecord record) => _property is not null ? _property.GetValue(record)
        : ((IDictionary<string, object?>)record).TryGetValue(Name, out object? value) ? value
        : null;

    /// <summary>Removes the vector from a record.</summary>
    public void Clear(TRecord record)
    {
        if (_property is null)
        {
            ((IDictionary<string, object?>)record).Remove(Name);
        }
        else
        {
            // Sets the default of value types.
            _property.SetValue(record, null);
        }
    }

    /// <summary>Reads a vector of one of the supported types.</summary>
    public static ReadOnlyMemory<float>? Read(object? value, string name)
    {
        ReadOnlyMemory<float> vector = VectorValue.Read(value, name);
        // Not `? null : vector`, which would convert null to an empty vector.
        return vector.IsEmpty ? default(ReadOnlyMemory<float>?) : vector;
    }

    private static (string Name, PropertyInfo? Property)? Find(Expression<Func<TRecord, object?>> selector)
    {
        Expression body = selector.Body is UnaryExpression { NodeType: ExpressionType.Convert } convert ? convert.Operand : selector.Body;
        return body switch
        {
            MemberExpression { Member: PropertyInfo property } member when member.Expression == selector.Parameters[0]
                => (property.Name, property),
            MethodCallExpression { Method.Name: "get_Item", Object: { } target, Arguments: [var key] }
                when target == selector.Parameters[0] && typeof(IDictionary<string, object?>).IsAssignableFrom(typeof(TRecord))
                => (Expression.Lambda<Func<string>>(key).Compile()(), null),
            _ => null,
        };
    }
}

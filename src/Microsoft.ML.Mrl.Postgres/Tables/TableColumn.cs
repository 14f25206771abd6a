using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a column that a <see cref="PostgresVectorTable{TId}"/> stores beside the vectors.</summary>
/// <remarks>
/// <para>It is loaded from the data's column of the same name, filters can refer to it, and every match returns its value. Supported types
/// are:</para>
/// <list type="table">
/// <item><term><see cref="DataKind.String"/></term><description><c>text</c>, returned as <see cref="string"/>; a missing text is stored as
/// an empty one.</description></item>
/// <item><term><see cref="DataKind.Boolean"/></term><description><c>boolean</c>, returned as <see cref="bool"/>.</description></item>
/// <item><term><see cref="DataKind.Int32"/></term><description><c>integer</c>, returned as <see cref="int"/>.</description></item>
/// <item><term><see cref="DataKind.Int64"/></term><description><c>bigint</c>, loaded from Int64 or Int32, returned as
/// <see cref="long"/>.</description></item>
/// <item><term><see cref="DataKind.Single"/></term><description><c>real</c>, returned as <see cref="float"/>.</description></item>
/// <item><term><see cref="DataKind.Double"/></term>
/// <description><c>double precision</c>, loaded from Double or Single, returned as <see cref="double"/>.</description></item>
/// <item><term><see cref="DataKind.DateTime"/></term>
/// <description><c>timestamp without time zone</c>, cut to microseconds, returned as <see cref="DateTime"/> of kind
/// <see cref="DateTimeKind.Unspecified"/>.</description></item>
/// </list>
/// <para>To PostgreSQL, NaN is a number above all others and equal to itself.</para>
/// </remarks>
public sealed class TableColumn
{
    /// <summary>Initializes a new instance of the <see cref="TableColumn"/> class.</summary>
    /// <param name="name">The name of the column, 1 to 63 bytes in UTF-8. It is quoted in SQL, so its letters keep their case.</param>
    /// <param name="type">The type of the column, one of those listed in the remarks. The default is <see cref="DataKind.String"/>.</param>
    public TableColumn(string name, DataKind type = DataKind.String)
    {
        Name = name;
        Type = type;
    }

    /// <summary>Gets the name of the column.</summary>
    public string Name { get; }

    /// <summary>Gets the type of the column.</summary>
    public DataKind Type { get; }
}

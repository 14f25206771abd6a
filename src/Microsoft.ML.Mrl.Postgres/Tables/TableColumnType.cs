namespace Microsoft.ML.Mrl;

#pragma warning disable CA1720 // The names of the types are what the values tell apart.

/// <summary>Types of columns that are carried along. They have no missing values, as the data's types have none; NaN is a number to PostgreSQL, above all others and equal to itself.</summary>
public enum TableColumnType
{
    /// <summary><c>text</c>, of text; a missing text is an empty one. Hits have a <see cref="string"/>.</summary>
    Text,

    /// <summary><c>boolean</c>, of Boolean. Hits have a <see cref="bool"/>.</summary>
    Boolean,

    /// <summary><c>integer</c>, of Int32. Hits have an <see cref="int"/>.</summary>
    Int32,

    /// <summary><c>bigint</c>, of Int64 or Int32. Hits have a <see cref="long"/>.</summary>
    Int64,

    /// <summary><c>real</c>, of Single. Hits have a <see cref="float"/>.</summary>
    Single,

    /// <summary><c>double precision</c>, of Double or Single. Hits have a <see cref="double"/>.</summary>
    Double,

    /// <summary>
    /// <c>timestamp without time zone</c>, of DateTime, as it came whatever its kind, cut to microseconds. Hits have a <see cref="System.DateTime"/> of kind
    /// <see cref="DateTimeKind.Unspecified"/>.
    /// </summary>
    DateTime,
}

using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>
/// Reads a scalar column of labels or ids as text: key, text, integer or boolean. Keys become their key values, so that keys from
/// differently built dictionaries, and keys and plain text, agree.
/// </summary>
internal sealed class NameColumnReader
{
    private const string Expected = "scalar of key, text, integer or Boolean";
    private const string KeyValues = "KeyValues";

    private Func<string?>? _read;

    /// <param name="schema">The schema of the view.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="role">The role of the column, for errors: <c>label</c>.</param>
    /// <param name="parameterName">The caller's parameter that named the column.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it has another type.</exception>
    public NameColumnReader(DataViewSchema schema, string columnName, string role, string parameterName)
    {
        Column = SchemaErrors.Find(schema, columnName, role, parameterName);
        if (Column.Type is not (KeyDataViewType or TextDataViewType or BooleanDataViewType)
            && !(Column.Type is NumberDataViewType && Column.Type.RawType != typeof(float) && Column.Type.RawType != typeof(double)))
        {
            throw SchemaErrors.Mismatch(parameterName, role, columnName, Expected, Column.Type.ToString()!);
        }
    }

    /// <summary>Gets the column.</summary>
    public DataViewSchema.Column Column { get; }

    /// <summary>Attaches to a cursor in which the column is active.</summary>
    public void Open(DataViewRowCursor cursor) => _read = Column.Type is KeyDataViewType ? KeyReader(cursor) : PlainReader(cursor);

    /// <summary>
    /// Returns the value of the cursor's current row, or null for a missing one: an empty text, or a key outside its range.
    /// </summary>
    public string? Read() => _read!();

    private Func<string?> PlainReader(DataViewRowCursor cursor)
    {
        Type type = Column.Type.RawType;
        if (type == typeof(ReadOnlyMemory<char>))
        {
            ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(Column);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                getter(ref value);
                return value.IsEmpty ? null : value.ToString();
            };
        }
        return type == typeof(bool) ? Reader<bool>(cursor, value => value ? bool.TrueString : bool.FalseString)
            : type == typeof(sbyte) ? Reader<sbyte>(cursor, Text)
            : type == typeof(short) ? Reader<short>(cursor, Text)
            : type == typeof(int) ? Reader<int>(cursor, Text)
            : type == typeof(long) ? Reader<long>(cursor, Text)
            : type == typeof(byte) ? Reader<byte>(cursor, Text)
            : type == typeof(ushort) ? Reader<ushort>(cursor, Text)
            : type == typeof(uint) ? Reader<uint>(cursor, Text)
            : Reader<ulong>(cursor, Text);
    }

    private Func<string?> KeyReader(DataViewRowCursor cursor)
    {
        Type type = Column.Type.RawType;
        string?[]? names = KeyNames();
        return type == typeof(byte) ? Reader<byte>(cursor, value => Name(value))
            : type == typeof(ushort) ? Reader<ushort>(cursor, value => Name(value))
            : type == typeof(uint) ? Reader<uint>(cursor, value => Name(value))
            : Reader<ulong>(cursor, Name);

        // A key counts from 1; 0 is the missing value.
        string? Name(ulong key) => key == 0 ? null : names is null ? Text(key) : key <= (ulong)names.Length ? names[key - 1] : null;
    }

    /// <summary>Returns the names of the key values in the order of the keys, or null if the column has none.</summary>
    public string?[]? KeyNames()
    {
        if (Column.Annotations.Schema.GetColumnOrNull(KeyValues) is not { Type: VectorDataViewType { IsKnownSize: true } type })
        {
            return null;
        }
        Type item = type.ItemType.RawType;
        return item == typeof(ReadOnlyMemory<char>) ? Names<ReadOnlyMemory<char>>(value => value.ToString())
            : item == typeof(bool) ? Names<bool>(value => value ? bool.TrueString : bool.FalseString)
            : item == typeof(sbyte) ? Names<sbyte>(Text)
            : item == typeof(short) ? Names<short>(Text)
            : item == typeof(int) ? Names<int>(Text)
            : item == typeof(long) ? Names<long>(Text)
            : item == typeof(byte) ? Names<byte>(Text)
            : item == typeof(ushort) ? Names<ushort>(Text)
            : item == typeof(uint) ? Names<uint>(Text)
            : item == typeof(ulong) ? Names<ulong>(Text)
            : item == typeof(float) ? Names<float>(Text)
            : item == typeof(double) ? Names<double>(Text)
            : null;
    }

    private string?[] Names<T>(Func<T, string?> text)
    {
        VBuffer<T> values = default;
        Column.Annotations.GetValue(KeyValues, ref values);
        return [.. values.DenseValues().Select(text)];
    }

    private Func<string?> Reader<T>(DataViewRowCursor cursor, Func<T, string?> text)
    {
        ValueGetter<T> getter = cursor.GetGetter<T>(Column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return text(value);
        };
    }

    private static string Text<T>(T value)
        where T : IFormattable
        => value.ToString(null, CultureInfo.InvariantCulture);
}

using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Transforms.Views;

/// <summary>Represents the values of one column in some rows.</summary>
internal abstract class RowBuffer
{
    /// <summary>Reads the value of the row that the source is at.</summary>
    /// <param name="slot">Where to.</param>
    /// <returns>About the bytes that it takes.</returns>
    public abstract long Read(int slot);

    /// <summary>Releases all values.</summary>
    public abstract void Clear();

    /// <summary>Returns a getter of the value at the slot that <paramref name="slot"/> gives.</summary>
    public abstract Delegate MakeGetter(Func<int> slot);

    /// <summary>Returns a buffer for a column of a row.</summary>
    public static RowBuffer Of(DataViewRow row, DataViewSchema.Column column, int slots)
    {
        Type type = column.Type.RawType;
        bool isVector = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>);
        Type buffer = isVector ? typeof(Vectors<>).MakeGenericType(type.GenericTypeArguments[0]) : typeof(Values<>).MakeGenericType(type);
        return (RowBuffer)Activator.CreateInstance(buffer, row, column, slots)!;
    }

    private sealed class Values<T>(DataViewRow row, DataViewSchema.Column column, int slots) : RowBuffer
    {
        private readonly ValueGetter<T> _read = row.GetGetter<T>(column);
        private readonly T[] _values = new T[slots];

        public override long Read(int slot)
        {
            // Whoever was given the old value owns it: a getter must not find it, and perhaps dispose of it, here.
            _values[slot] = default!;
            _read(ref _values[slot]);
            return Unsafe.SizeOf<T>() + (_values[slot] is ReadOnlyMemory<char> text ? (long)sizeof(char) * text.Length : 0);
        }

        public override void Clear() => Array.Clear(_values);

        public override Delegate MakeGetter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = _values[slot()]);
    }

    private sealed class Vectors<T>(DataViewRow row, DataViewSchema.Column column, int slots) : RowBuffer
    {
        private readonly ValueGetter<VBuffer<T>> _read = row.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] _values = new VBuffer<T>[slots];

        public override long Read(int slot)
        {
            _read(ref _values[slot]);
            ReadOnlySpan<T> stored = _values[slot].GetValues();
            return (long)Unsafe.SizeOf<T>() * stored.Length + (_values[slot].IsDense ? 0 : (long)sizeof(int) * stored.Length);
        }

        public override void Clear() => Array.Clear(_values);

        public override Delegate MakeGetter(Func<int> slot) =>
            (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[slot()].CopyTo(ref value));
    }
}

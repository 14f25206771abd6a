namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>A list that lends out room to write into.</summary>
internal sealed class GrowingArray<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public void Add(T item) => Append(1)[0] = item;

    /// <summary>Makes room for more items at the end, to be written by the caller.</summary>
    /// <exception cref="InvalidOperationException">An array cannot be that long.</exception>
    public Span<T> Append(int length)
    {
        long needed = (long)Count + length;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"The data has more than {Array.MaxLength} values in one column, which does not fit one array. Train on fewer rows.");
        }
        if (needed > _items.Length)
        {
            Array.Resize(ref _items, (int)Math.Min(Array.MaxLength, Math.Max(needed, _items.Length * 2L)));
        }
        Span<T> room = _items.AsSpan(Count, length);
        Count += length;
        return room;
    }

    /// <summary>Hands over the items; the list is empty afterwards.</summary>
    public T[] ToArray()
    {
        T[] items = _items;
        if (items.Length != Count)
        {
            Array.Resize(ref items, Count);
        }
        _items = [];
        Count = 0;
        return items;
    }
}

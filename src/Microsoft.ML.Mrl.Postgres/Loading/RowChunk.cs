namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>Represents the rows of one transaction.</summary>
internal sealed class RowChunk<TId>(int width)
    where TId : notnull
{
    private readonly HashSet<TId> _distinct = [];
    private float[] _vectors = [];

    public List<TId> Ids { get; } = [];

    public List<object[]> Values { get; } = [];

    public int Count => Ids.Count;

    public ReadOnlyMemory<float> Vector(int row) => _vectors.AsMemory(row * width, width);

    /// <summary>Adds a row unless the chunk has its id.</summary>
    public bool TryAdd(TId id, ReadOnlySpan<float> vector, object[] values)
    {
        if (!_distinct.Add(id))
        {
            return false;
        }
        int start = Count * width;
        if (start + width > _vectors.Length)
        {
            Array.Resize(ref _vectors, (int)Math.Min(Math.Max(2L * _vectors.Length, 256L * width), Array.MaxLength));
        }
        vector.CopyTo(_vectors.AsSpan(start, width));
        Ids.Add(id);
        Values.Add(values);
        return true;
    }

    public void Clear()
    {
        Ids.Clear();
        Values.Clear();
        _distinct.Clear();
    }
}

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Vectors in rows, <c>[N, D]</c> row-major: a view that owns nothing.</summary>
internal readonly struct EmbeddingMatrix
{
    /// <param name="values">At least <paramref name="count"/> × <paramref name="width"/> values.</param>
    /// <param name="count">The number of rows N, 0 or more.</param>
    /// <param name="width">The width D of a row, at least 1.</param>
    public EmbeddingMatrix(ReadOnlyMemory<float> values, int count, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if ((long)count * width > values.Length)
        {
            throw new ArgumentException($"{count} rows of {width} values need {(long)count * width} values, got {values.Length}.",
                nameof(values));
        }
        Values = values[..(count * width)];
        Count = count;
        Width = width;
    }

    /// <summary>Gets all values, <c>[N, D]</c>.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Gets the number of rows N.</summary>
    public int Count { get; }

    /// <summary>Gets the width D.</summary>
    public int Width { get; }

    /// <summary>Returns one row, <c>[D]</c>.</summary>
    public ReadOnlySpan<float> Row(int index) => Values.Span.Slice(index * Width, Width);

    /// <summary>Returns some of the rows, without a copy.</summary>
    public EmbeddingMatrix Slice(int first, int count) => new(Values.Slice(first * Width, count * Width), count, Width);

    /// <summary>Returns the first values of all rows, <c>[N, m]</c>; a copy where m is below D.</summary>
    public EmbeddingMatrix Cut(int dimensions)
    {
        if (dimensions == Width)
        {
            return this;
        }
        var values = new float[Count * dimensions];
        for (int i = 0; i < Count; i++)
        {
            Row(i)[..dimensions].CopyTo(values.AsSpan(i * dimensions));
        }
        return new EmbeddingMatrix(values, Count, dimensions);
    }

    /// <summary>Returns a copy of some of the rows.</summary>
    public EmbeddingMatrix Pick(IReadOnlyList<int> rows)
    {
        var values = new float[rows.Count * Width];
        for (int i = 0; i < rows.Count; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * Width));
        }
        return new EmbeddingMatrix(values, rows.Count, Width);
    }
}

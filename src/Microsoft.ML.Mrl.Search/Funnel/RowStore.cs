using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The full vectors of an index at unit length, with their ids. A row has its columns side by side, zeros behind them up to a multiple of
/// 16.
/// </summary>
internal abstract unsafe class RowStore(int dimensions)
{
    /// <summary>The width D.</summary>
    public int Dimensions { get; } = dimensions;

    /// <summary>The values of a row, padding included.</summary>
    public int Stride { get; } = StrideOf(dimensions);

    public static int StrideOf(int dimensions) => (dimensions + RowKernel.Lanes - 1) / RowKernel.Lanes * RowKernel.Lanes;

    public abstract long IdOf(int position);

    /// <summary>Whether a row was not removed.</summary>
    public abstract bool IsAlive(int position);

    /// <summary>Rows that follow each other.</summary>
    /// <param name="first">The first position.</param>
    /// <param name="count">How many are wanted, all of them there, with 32 or fewer starting at a multiple of 32, or a single one.</param>
    /// <param name="room">Room for so many rows, in case they must be read.</param>
    /// <returns>Where they are, as long as the store is kept alive.</returns>
    /// <exception cref="InvalidDataException">The file that they come from was changed.</exception>
    public abstract float* Rows(int first, int count, float* room);

    /// <summary>Copies the prefix of a row.</summary>
    public void CopyPrefix(int position, Span<float> prefix)
    {
        float* room = stackalloc float[this is MemoryRows ? 0 : Stride];
        new ReadOnlySpan<float>(Rows(position, 1, room), prefix.Length).CopyTo(prefix);
        GC.KeepAlive(this);
    }

    /// <summary>Writes a vector at unit length, with padding.</summary>
    public static void Normalize(ReadOnlySpan<float> vector, Span<float> row)
    {
        row[vector.Length..].Clear();
        row = row[..vector.Length];
        float square = UnitLength.SumOfSquares(vector);
        if (UnitLength.IsSafeSquare(square))
        {
            UnitLength.Write(vector, square, row);
            return;
        }
        // Other than elsewhere, the shortest vectors keep their direction.
        double length = Math.Sqrt(PrefixNorms.Dot(vector, vector));
        for (int c = 0; c < vector.Length; c++)
        {
            row[c] = length > 0 ? (float)(vector[c] / length) : 0;
        }
    }
}

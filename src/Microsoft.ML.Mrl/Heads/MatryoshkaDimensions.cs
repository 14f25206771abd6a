using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the nested prefix lengths of a Matryoshka embedding in ascending order, such as 8, 16, 32, … up to the full width D.
/// </summary>
/// <remarks>This type is immutable, compares by value, and is safe for concurrent use.</remarks>
[CollectionBuilder(typeof(MatryoshkaDimensions), nameof(Create))]
public sealed class MatryoshkaDimensions : IReadOnlyList<int>, IEquatable<MatryoshkaDimensions>
{
    private const int DefaultSmallest = 8;

    private readonly int[] _values;

    /// <summary>Initializes a new instance of the <see cref="MatryoshkaDimensions"/> class from prefix lengths in any order.</summary>
    /// <param name="dimensions">One or more prefix lengths. Each is at least 1, and no two are equal.</param>
    /// <exception cref="ArgumentNullException"><paramref name="dimensions"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The list is empty or names a length twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is below 1.</exception>
    public MatryoshkaDimensions(params IEnumerable<int> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        _values = [.. dimensions];
        if (_values.Length == 0)
        {
            throw new ArgumentException("No dimensions given. Name at least one prefix length, such as 8, 16, 32.", nameof(dimensions));
        }
        Array.Sort(_values);
        if (_values[0] < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), _values[0],
                $"Dimension {_values[0]} is not a prefix length. Choose 1 or more.");
        }
        for (int i = 1; i < _values.Length; i++)
        {
            if (_values[i] == _values[i - 1])
            {
                throw new ArgumentException($"Dimension {_values[i]} is named twice in {this}. Name each once.", nameof(dimensions));
            }
        }
    }

    /// <summary>Creates the list from a collection expression, such as <c>MatryoshkaDimensions d = [8, 16, 32]</c>.</summary>
    /// <param name="dimensions">The prefix lengths, as for the constructor.</param>
    /// <exception cref="ArgumentException">The list is empty or names a length twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is below 1.</exception>
    public static MatryoshkaDimensions Create(ReadOnlySpan<int> dimensions) => new((IEnumerable<int>)dimensions.ToArray());

    /// <summary>Gets the number of nested prefixes.</summary>
    public int Count => _values.Length;

    /// <summary>Gets the shortest prefix length.</summary>
    public int Smallest => _values[0];

    /// <summary>Gets the longest prefix length.</summary>
    public int Largest => _values[^1];

    /// <summary>Gets the prefix length at a position in ascending order.</summary>
    /// <param name="index">The position, 0 for the shortest prefix.</param>
    public int this[int index] => _values[index];

    /// <summary>
    /// Returns the full width and its halves down to <paramref name="smallest"/>. For 100 and 8 these are 12, 25, 50 and 100.
    /// </summary>
    /// <param name="width">The full width D, at least 1.</param>
    /// <param name="smallest">The smallest length to include, at least 1. The default is 8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="width"/> or <paramref name="smallest"/> is below 1.</exception>
    public static MatryoshkaDimensions HalvedFrom(int width, int smallest = DefaultSmallest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(smallest, 1);
        var values = new List<int> { width };
        for (int half = width / 2; half >= smallest; half /= 2)
        {
            values.Add(half);
        }
        return new MatryoshkaDimensions(values);
    }

    /// <summary>
    /// Returns <paramref name="smallest"/> and its doubles below the width, and the width itself. For 100 and 8 these are 8, 16, 32, 64
    /// and 100.
    /// </summary>
    /// <param name="width">The full width D, at least 1.</param>
    /// <param name="smallest">The first prefix length, at least 1. The default is 8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="width"/> or <paramref name="smallest"/> is below 1.</exception>
    public static MatryoshkaDimensions DoubledUpTo(int width, int smallest = DefaultSmallest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(smallest, 1);
        var values = new List<int>();
        for (long next = smallest; next < width; next *= 2)
        {
            values.Add((int)next);
        }
        values.Add(width);
        return new MatryoshkaDimensions(values);
    }

    /// <summary>Determines whether a prefix length is in the list.</summary>
    /// <param name="dimensions">The prefix length to look for.</param>
    public bool Contains(int dimensions) => Array.BinarySearch(_values, dimensions) >= 0;

    /// <summary>Returns the dimensions that do not exceed a width, or null if there are none.</summary>
    internal MatryoshkaDimensions? UpTo(int width) => Largest <= width ? this : Smallest > width ? null
        : new MatryoshkaDimensions(_values.Where(m => m <= width));

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(MatryoshkaDimensions? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MatryoshkaDimensions);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int value in _values)
        {
            hash.Add(value);
        }
        return hash.ToHashCode();
    }

    /// <summary>Returns the dimensions as text, such as <c>8, 16, 32</c>.</summary>
    public override string ToString() => string.Join(", ", _values.Select(v => v.ToString(CultureInfo.InvariantCulture)));
}

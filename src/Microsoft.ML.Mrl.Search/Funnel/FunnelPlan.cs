using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>
/// How a <see cref="FunnelIndex"/> searches: the prefix length at which all rows are compared, and how many of them go on to each longer one.
/// </summary>
/// <remarks>
/// A single list length, or the same for all, is adaptive retrieval with one short list; falling ones are funnel retrieval (Kusupati et al. 2022, arXiv:2205.13147, section 4.3).
/// Immutable and safe for concurrent use.
/// </remarks>
public sealed class FunnelPlan
{
    private readonly int[] _lists;

    /// <summary>Creates a plan.</summary>
    /// <param name="firstWidth">The prefix length at which all rows are compared, one of the index's widths. Its last, the full width, means a full scan.</param>
    /// <param name="listLengths">
    /// For each width of the index above <paramref name="firstWidth"/>, ascending, how many rows are compared again there: each at least 1 and not above the one before.
    /// One number alone holds for all. Where a length is that of the one before, nothing is dropped in between. None for a full scan.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="listLengths"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The width or a length is below 1.</exception>
    /// <exception cref="ArgumentException">A length is above the one before.</exception>
    public FunnelPlan(int firstWidth, params IEnumerable<int> listLengths)
    {
        ArgumentNullException.ThrowIfNull(listLengths);
        if (firstWidth < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(firstWidth), firstWidth, $"{firstWidth} is not a prefix length. Choose one of the index's widths.");
        }
        FirstWidth = firstWidth;
        _lists = [.. listLengths];
        for (int i = 0; i < _lists.Length; i++)
        {
            if (_lists[i] < 1)
            {
                throw new ArgumentOutOfRangeException(nameof(listLengths), _lists[i], $"A list of {_lists[i]} rows keeps nothing. Choose 1 or more.");
            }
            if (i > 0 && _lists[i] > _lists[i - 1])
            {
                throw new ArgumentException(
                    $"List lengths are {Text(_lists)}: {_lists[i]} cannot be chosen from {_lists[i - 1]}. Let them fall or stay.", nameof(listLengths));
            }
        }
    }

    /// <summary>The prefix length at which all rows are compared.</summary>
    public int FirstWidth { get; }

    /// <summary>How many rows are compared again at each longer width; one number for all of them; or none.</summary>
    public IReadOnlyList<int> ListLengths => Array.AsReadOnly(_lists);

    /// <summary>The plan as text: <c>16 -> 400, 200, 100</c>.</summary>
    public override string ToString()
        => _lists.Length == 0 ? FirstWidth.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{FirstWidth} -> {Text(_lists)}");

    private static string Text(int[] values) => string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture)));
}

using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Numbers written into one cell: <c>[1, 2.5, -3e-2]</c>, with commas or spaces.</summary>
internal static class NumberArray
{
    private const int LongestShown = 40;

    /// <summary>Reads them.</summary>
    /// <param name="text">The cell.</param>
    /// <param name="problem">What is wrong, where the result is <see langword="null"/>.</param>
    public static float[]? Parse(string text, out string? problem)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        problem = rest.Length == 0 ? "the cell is empty"
            : rest[0] != '[' || rest[^1] != ']' || rest.Length < 2 ? $"'{Shortened(text)}' is not an array such as [0.1, -2, 3e-4]"
            : null;
        if (problem is not null)
        {
            return null;
        }
        rest = rest[1..^1].Trim();
        var values = new List<float>();
        while (rest.Length > 0)
        {
            int end = rest.IndexOfAny(" ,\t\r\n");
            ReadOnlySpan<char> item = end < 0 ? rest : rest[..end];
            if (!TryNumber(item, out float value))
            {
                problem = item.Length == 0 ? $"'{Shortened(text)}' has a comma without a number before it" : $"'{Shortened(item.ToString())}' is not a finite number";
                return null;
            }
            values.Add(value);
            if (end < 0)
            {
                break;
            }
            ReadOnlySpan<char> after = rest[end..].TrimStart();
            bool hasComma = after is [',', ..];
            rest = hasComma ? after[1..].TrimStart() : after;
            if (hasComma && rest.Length == 0)
            {
                problem = $"'{Shortened(text)}' ends with a comma";
                return null;
            }
        }
        return [.. values];
    }

    /// <summary>A finite number in the invariant culture, of single precision.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);

    /// <summary>A cell's content, short enough for a message.</summary>
    public static string Shortened(string text) => text.Length <= LongestShown ? text : text[..LongestShown] + "…";
}

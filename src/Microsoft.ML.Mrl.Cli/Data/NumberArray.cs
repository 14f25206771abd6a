using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads numbers that are written into one cell: <c>[1, 2.5, -3e-2]</c>, with commas or spaces between them.</summary>
internal static class NumberArray
{
    private const int MaxShown = 40;
    private const int MaxNumberLength = 100;

    /// <summary>Reads the numbers of a cell.</summary>
    /// <param name="text">The cell.</param>
    /// <param name="problem">What is wrong, where the result is <see langword="null"/>.</param>
    /// <param name="decimalMarker">The decimal marker. Where it is a comma, semicolons or spaces stand between the numbers.</param>
    public static float[]? Parse(string text, out string? problem, char decimalMarker = TextFormat.Point)
    {
        char separator = decimalMarker == TextFormat.Comma ? ';' : ',';
        string separatorName = separator == ';' ? "semicolon" : "comma";
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        problem = rest.Length == 0 ? "the cell is empty"
            : rest[0] != '[' || rest[^1] != ']' || rest.Length < 2 ? $"'{Shortened(text)}' is not an array such as {Example(decimalMarker)}"
            : null;
        if (problem is not null)
        {
            return null;
        }
        rest = rest[1..^1].Trim();
        var values = new List<float>();
        while (rest.Length > 0)
        {
            int end = rest.IndexOfAny([' ', separator, '\t', '\r', '\n']);
            ReadOnlySpan<char> item = end < 0 ? rest : rest[..end];
            if (!TryNumber(item, out float value, decimalMarker))
            {
                problem = item.Length == 0
                    ? $"'{Shortened(text)}' has a {separatorName} without a number before it"
                    : NotANumber(item.ToString(), decimalMarker);
                return null;
            }
            values.Add(value);
            if (end < 0)
            {
                break;
            }
            ReadOnlySpan<char> after = rest[end..].TrimStart();
            bool hasSeparator = after.Length > 0 && after[0] == separator;
            rest = hasSeparator ? after[1..].TrimStart() : after;
            if (hasSeparator && rest.Length == 0)
            {
                problem = $"'{Shortened(text)}' ends with a {separatorName}";
                return null;
            }
        }
        return [.. values];
    }

    /// <summary>Reads a finite number of single precision.</summary>
    /// <param name="text">The number.</param>
    /// <param name="value">The number's value.</param>
    /// <param name="decimalMarker">The decimal marker; the other one is not a part of a number.</param>
    /// <returns><see langword="true"/> if the text is a finite number; otherwise, <see langword="false"/>.</returns>
    public static bool TryNumber(ReadOnlySpan<char> text, out float value, char decimalMarker = TextFormat.Point)
    {
        if (decimalMarker != TextFormat.Point)
        {
            if (text.Contains(TextFormat.Point) || text.Length > MaxNumberLength)
            {
                value = 0;
                return false;
            }
            Span<char> withPoint = stackalloc char[text.Length];
            text.Replace(withPoint, decimalMarker, TextFormat.Point);
            return TryNumber(withPoint, out value);
        }
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
    }

    /// <summary>Returns the words for a text that is not a number.</summary>
    public static string NotANumber(string text, char decimalMarker)
    {
        char other = decimalMarker == TextFormat.Point ? TextFormat.Comma : TextFormat.Point;
        string advice = TryNumber(text, out _, other) ? $", unless its decimal marker is '{other}' (--decimal-marker)" : "";
        return $"'{Shortened(text)}' is not a finite number{advice}";
    }

    /// <summary>Returns a cell's content, short enough for a message.</summary>
    public static string Shortened(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";

    private static string Example(char decimalMarker) => decimalMarker == TextFormat.Comma ? "[0,1; -2; 3e-4]" : "[0.1, -2, 3e-4]";
}

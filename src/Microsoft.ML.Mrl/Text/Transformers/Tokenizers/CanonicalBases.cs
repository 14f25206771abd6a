using System.Collections.Frozen;
using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>A character's canonical decomposition (NFD) without its non-spacing marks: é is e, ﬁ stays, 각 is its three jamo.</summary>
/// <remarks>
/// The runtime's own normalisation does nothing in processes with invariant globalisation and follows the machine's ICU elsewhere; token ids must not depend on either.
/// The table is made from the Unicode Character Database.
/// </remarks>
internal static class CanonicalBases
{
    private const int FirstSyllable = 0xAC00;
    private const int LastSyllable = 0xD7A3;
    private const int Vowels = 21;
    private const int Finals = 28;

    private static readonly FrozenDictionary<int, int[]> Table = ReadTable();

    /// <summary>Writes the bases of a code point and says how many they are, up to 4; 0 for a mark that goes away.</summary>
    public static int Write(int codePoint, Span<int> bases)
    {
        if (codePoint < 0xC0)
        {
            bases[0] = codePoint;
            return 1;
        }
        if (codePoint is >= FirstSyllable and <= LastSyllable)
        {
            int syllable = codePoint - FirstSyllable;
            bases[0] = 0x1100 + syllable / (Vowels * Finals);
            bases[1] = 0x1161 + syllable % (Vowels * Finals) / Finals;
            bases[2] = 0x11A7 + syllable % Finals;
            return syllable % Finals == 0 ? 2 : 3;
        }
        if (Table.TryGetValue(codePoint, out int[]? found))
        {
            found.CopyTo(bases);
            return found.Length;
        }
        bases[0] = codePoint;
        return CharUnicodeInfo.GetUnicodeCategory(codePoint) == UnicodeCategory.NonSpacingMark ? 0 : 1;
    }

    private static FrozenDictionary<int, int[]> ReadTable()
    {
        using Stream stream = typeof(CanonicalBases).Assembly.GetManifestResourceStream("CanonicalBases.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            int[] codes = [.. line.Split(' ').Select(code => int.Parse(code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];
            table.Add(codes[0], codes[1..]);
        }
        return table.ToFrozenDictionary();
    }
}

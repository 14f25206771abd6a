using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// sentencepiece's own rewriting: characters by its map, the longest sequence at every place, then spaces, which become ▁.
/// </summary>
/// <param name="map">The map, or <see langword="null"/> for none.</param>
/// <param name="addsPrefix">Whether a space is put before the text.</param>
/// <param name="dropsExtra">Whether spaces at both ends are left out, and several become one.</param>
/// <param name="marks">Whether spaces become ▁.</param>
/// <param name="kept">User-defined pieces, which the map leaves as they are.</param>
internal sealed class SentencePieceNormalizer(
    CharacterMap? map, bool addsPrefix, bool dropsExtra, bool marks, IReadOnlyCollection<string>? kept = null) : TextNormalizer
{
    private const char Mark = '\u2581';

    // Of their UTF-8 bytes, a character each.
    private readonly PieceTrie _kept = new((kept ?? [])
        .Select((piece, i) => (Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(piece)), i)));

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        char blank = marks ? Mark : ' ';
        ReadOnlySpan<char> mapped = map is null || (_kept.IsEmpty && map.Leaves(text)) ? text : Map(map, text);
        // Marks that stand in the text itself are dropped at its end, where sentencepiece looks for what it writes, and kept at its start.
        ReadOnlySpan<char> rest = dropsExtra ? mapped.TrimStart(' ').TrimEnd(marks ? " \u2581" : " ") : mapped;
        if (rest.IsEmpty)
        {
            return;
        }
        if (addsPrefix)
        {
            output.Add(blank);
        }
        char before = '\0';
        foreach (char c in rest)
        {
            if (c != ' ')
            {
                output.Add(c);
            }
            else if (!dropsExtra || before != ' ')
            {
                output.Add(blank);
            }
            before = c;
        }
    }

    private string Map(CharacterMap map, ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        var mapped = new List<byte>(bytes.Length);
        for (int at = 0; at < bytes.Length;)
        {
            if (LengthOfKept(bytes.AsSpan(at)) is > 0 and var whole)
            {
                mapped.AddRange(bytes.AsSpan(at, whole));
                at += whole;
                continue;
            }
            if (map.TryFind(bytes.AsSpan(at), wantsLongest: true, out int length, out ReadOnlySpan<byte> replaced))
            {
                mapped.AddRange(replaced);
                at += length;
                continue;
            }
            do
            {
                mapped.Add(bytes[at++]);
            }
            while (at < bytes.Length && (bytes[at] & 0xC0) == 0x80);
        }
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(mapped));
    }

    private int LengthOfKept(ReadOnlySpan<byte> bytes)
    {
        int longest = 0;
        int node = 0;
        for (int i = 0; i < bytes.Length && _kept.Step(ref node, (char)bytes[i], out int piece); i++)
        {
            longest = piece >= 0 ? i + 1 : longest;
        }
        return longest;
    }
}

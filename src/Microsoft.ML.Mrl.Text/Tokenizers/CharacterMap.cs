using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// sentencepiece's precompiled map of characters: a double-array trie of UTF-8 sequences, and the texts that take their place. Layout: the
/// trie's bytes as a little-endian 32-bit number, its 32-bit units, and then the texts, each ended by a zero.
/// </summary>
internal sealed class CharacterMap
{
    // The longest that Unicode's own forms need are of some 30.
    private const int LongestText = 1_000;

    private readonly uint[] _units;
    private readonly byte[] _texts;
    private readonly SearchValues<char> _unchanged;

    private CharacterMap(uint[] units, byte[] texts)
    {
        _units = units;
        _texts = texts;
        _unchanged = SearchValues.Create([.. Enumerable.Range(1, 127).Where(IsUnchanged).Select(value => (char)value)]);
    }

    /// <exception cref="InvalidDataException">The lengths do not fit each other, or the texts are not UTF-8 or too long.</exception>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes, string source)
    {
        uint size = bytes.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size == 0 || size % sizeof(uint) != 0 || size > bytes.Length - sizeof(uint))
        {
            throw new InvalidDataException(
                $"'{source}': its precompiled map of characters states that its trie has {size} bytes, but " +
                $"{Math.Max(bytes.Length - sizeof(uint), 0)} follow. Copy the file again.");
        }
        var units = new uint[size / sizeof(uint)];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(sizeof(uint) * (i + 1))..]);
        }
        byte[] texts = bytes[(sizeof(uint) + (int)size)..].ToArray();
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(texts);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException(
                $"'{source}': the texts of its precompiled map of characters are not UTF-8. Copy the file again.", e);
        }
        CheckLengths(texts, source);
        return new CharacterMap(units, texts);
    }

    private static void CheckLengths(ReadOnlySpan<byte> texts, string source)
    {
        for (int end = texts.IndexOf((byte)0); !texts.IsEmpty; end = texts.IndexOf((byte)0))
        {
            int length = end < 0 ? texts.Length : end;
            if (length > LongestText)
            {
                throw new InvalidDataException(
                    $"'{source}': its precompiled map of characters puts {length} bytes in the place of a few. None needs more than " +
                    $"{LongestText}. Copy the file again.");
            }
            texts = texts[Math.Min(length + 1, texts.Length)..];
        }
    }

    /// <summary>Finds a sequence that some bytes begin with.</summary>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="wantsLongest">Whether the longest such sequence is wanted, or the shortest.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="text">What takes its place, UTF-8.</param>
    public bool TryFind(ReadOnlySpan<byte> bytes, bool wantsLongest, out int length, out ReadOnlySpan<byte> text)
    {
        length = 0;
        text = default;
        uint node = Offset(_units[0]);
        for (int i = 0; i < bytes.Length && bytes[i] != 0; i++)
        {
            node ^= bytes[i];
            if (!Has(node, bytes[i]))
            {
                break;
            }
            uint unit = _units[node];
            node ^= Offset(unit);
            if ((unit & 0x100) != 0 && node < _units.Length && (_units[node] & 0x7FFF_FFFF) is var at && at <= _texts.Length)
            {
                length = i + 1;
                text = _texts.AsSpan((int)at);
                if (!wantsLongest)
                {
                    break;
                }
            }
        }
        int end = text.IndexOf((byte)0);
        text = end < 0 ? text : text[..end];
        return length > 0;
    }

    /// <summary>Determines whether the map certainly does not change a text, since the text has no sequence of the map.</summary>
    public bool Leaves(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(_unchanged);

    /// <summary>Determines whether no sequence begins with an ASCII character that is followed by another one or by nothing.</summary>
    private bool IsUnchanged(int first)
    {
        uint node = Offset(_units[0]) ^ (uint)first;
        if (!Has(node, first))
        {
            return true;
        }
        bool isSequence = (_units[node] & 0x100) != 0;
        uint children = node ^ Offset(_units[node]);
        return !isSequence && !Enumerable.Range(1, 127).Any(next => Has(children ^ (uint)next, next));
    }

    private bool Has(uint node, int value) => node < _units.Length && (_units[node] & 0x8000_00FF) == value;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}

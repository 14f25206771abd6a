using System.Text;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>
/// Hashes the character n-grams of <c>&lt;word&gt;</c> into buckets, as fastText does (Bojanowski et al. 2017, arXiv:1607.04606): FNV-1a of
/// their UTF-8 bytes, each taken as signed, modulo the number of buckets.
/// </summary>
/// <param name="Buckets">The number of buckets, at least 1.</param>
/// <param name="Shortest">The characters of the shortest n-grams, at least 1.</param>
/// <param name="Longest">The characters of the longest n-grams.</param>
internal sealed record SubwordHashing(int Buckets, int Shortest, int Longest)
{
    /// <summary>No n-gram is longer: a word of n characters has n times as many of them as they may have characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Adds the bucket of every n-gram of a word to a bag, as rows of one token.</summary>
    /// <param name="word">The word.</param>
    /// <param name="firstRow">The row of the first bucket.</param>
    /// <param name="bag">Where to add.</param>
    /// <returns>False for a word without an n-gram; then nothing was added.</returns>
    public bool Add(ReadOnlySpan<char> word, int firstRow, TokenBag bag)
    {
        const int Few = 512;
        int most = Encoding.UTF8.GetMaxByteCount(word.Length) + 2;
        Span<byte> bytes = most <= Few ? stackalloc byte[Few] : new byte[most];
        bytes[0] = (byte)'<';
        int length = Encoding.UTF8.GetBytes(word, bytes[1..]) + 1;
        bytes[length++] = (byte)'>';
        bytes = bytes[..length];
        bool any = false;
        for (int start = 0; start < length; start++)
        {
            if (IsContinuation(bytes[start]))
            {
                continue;
            }
            uint hash = 2166136261;
            int end = start;
            for (int characters = 1; characters <= Longest && end < length; characters++)
            {
                do
                {
                    hash = (hash ^ (uint)(sbyte)bytes[end++]) * 16777619;
                }
                while (end < length && IsContinuation(bytes[end]));
                bool isBareMark = characters == 1 && (start == 0 || end == length);
                if (characters >= Shortest && !isBareMark)
                {
                    bag.AddRow(firstRow + (int)(hash % (uint)Buckets), 1);
                    any = true;
                }
            }
        }
        if (any)
        {
            bag.EndTokenOfEqualRows();
        }
        return any;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}

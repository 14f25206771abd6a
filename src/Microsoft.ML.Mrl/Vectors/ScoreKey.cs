using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Packs a score and a row into one number that orders by score and, among equal scores, by the earlier row.</summary>
internal static class ScoreKey
{
    // The bits of a float order like the float once negative ones are turned over. Adding 0 makes -0 equal to 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float score, int position)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        bits ^= (uint)((int)bits >> 31) | 0x8000_0000u;
        return ((ulong)bits << 32) | ~(uint)position;
    }

    public static float Score(ulong key)
    {
        uint bits = (uint)(key >> 32);
        bits ^= (uint)(~(int)bits >> 31) | 0x8000_0000u;
        return BitConverter.UInt32BitsToSingle(bits);
    }

    public static int Position(ulong key) => (int)~(uint)key;
}

using System.Buffers.Binary;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>Damages bytes as bad disks, bad transfers and bad intentions do; the same random numbers give the same damage.</summary>
internal static class Damage
{
    private static readonly byte[] s_telling = [0, 1, 0x7F, 0x80, 0xFF, .. "0\"{}[],-\\e'."u8];

    private static readonly long[] s_extreme =
        [0, 1, -1, 255, 65_535, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1 << 20, 1L << 40, 0x7F7FFFFF,
            0x7FC00000];

    private static readonly string[] s_numbers = [
        "-1", "0", "1e999", "2147483647", "2147483648", "9223372036854775807", "1e-400", "NaN", "null", "\"\\ud800\""];

    /// <summary>Returns a copy with one to four changes.</summary>
    /// <param name="good">The bytes.</param>
    /// <param name="other">Bytes of which pieces are put in.</param>
    /// <param name="random">Where the changes come from.</param>
    public static byte[] Of(byte[] good, byte[] other, Random random)
    {
        var bytes = new List<byte>(good);
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            Change(bytes, other, random);
        }
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[] other, Random random)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }
        // Half of the changes are near the start, where headers are.
        int at = random.Next(random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 200));
        int length = Math.Min(random.Next(1, 40), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = s_telling[random.Next(s_telling.Length)];
                break;
            case 2:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                break;
            case 6 when random.Next(3) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 7:
                ReplaceNumber(bytes, at, random);
                break;
            default:
                PutExtreme(bytes, at, random);
                break;
        }
    }

    private static void PutExtreme(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, s_extreme[random.Next(s_extreme.Length)]);
        int width = 1 << random.Next(4);
        for (int i = 0; i < width && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }

    /// <summary>Puts another number where digits are.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        int start = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
        {
            return;
        }
        int end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, System.Text.Encoding.ASCII.GetBytes(s_numbers[random.Next(s_numbers.Length)]));
    }
}

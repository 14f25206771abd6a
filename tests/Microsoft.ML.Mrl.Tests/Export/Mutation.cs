namespace Microsoft.ML.Mrl.Tests.Export;

/// <summary>Damages bytes in the ways that find the checks a reader lacks.</summary>
internal static class Mutation
{
    private static readonly byte[] Telling = [
        0, 1, 0x7F, 0x80, 0xFF, (byte)'0', (byte)'9', (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)',', (byte)'-',
        (byte)'\\', (byte)'e'];

    /// <summary>How many files to damage: as many as the environment variable MRL_FUZZ_FILES says, or a few seconds' worth.</summary>
    public static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("MRL_FUZZ_FILES"), out int count) ? count : usual;

    /// <summary>A copy with one to four changes: flipped, replaced, taken out, doubled, cut off, appended.</summary>
    /// <param name="good">The bytes to damage.</param>
    /// <param name="random">Where the changes come from.</param>
    /// <param name="start">The first bytes in which half of the changes are made, such as a header; 0 for everywhere.</param>
    public static byte[] Of(byte[] good, Random random, int start = 0)
    {
        var bytes = new List<byte>(good);
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int range = start > 0 && random.Next(2) == 0 ? Math.Min(start, bytes.Count) : bytes.Count;
            if (range == 0)
            {
                bytes.Add((byte)random.Next(256));
                continue;
            }
            int at = random.Next(range);
            int length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 or 2:
                    bytes[at] = Telling[random.Next(Telling.Length)];
                    break;
                case 3:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 6:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                default:
                    if (random.Next(4) == 0)
                    {
                        bytes.RemoveRange(at, bytes.Count - at);
                    }
                    else
                    {
                        bytes.Insert(at, (byte)('0' + random.Next(10)));
                    }
                    break;
            }
        }
        return [.. bytes];
    }
}

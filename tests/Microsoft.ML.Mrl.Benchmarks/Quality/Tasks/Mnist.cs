using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Written digits as 28 by 28 grey values (LeCun et al. 1998): the official 10,000 test images, 8,000 of them drawn to train
/// on.</summary>
internal static class Mnist
{
    private const int TrainingRows = 8_000;
    private const int SplitSeed = 1;
    private const int OutputDimensions = 128;

    public static LabelledTask Load(string folder, RowChoice? choice = null)
    {
        (int count, byte[] pixels) = Read(Path.Combine(folder, "mnist", "t10k-images-idx3-ubyte.gz"), dimensions: 3);
        (_, byte[] labels) = Read(Path.Combine(folder, "mnist", "t10k-labels-idx1-ubyte.gz"), dimensions: 1);
        int width = pixels.Length / count;
        Example[] rows = [.. labels.Select((label, i) => new Example
        {
            Vector = Array.ConvertAll(pixels[(i * width)..((i + 1) * width)], pixel => pixel / 255f),
            Label = label.ToString(CultureInfo.InvariantCulture),
        })];
        new Random(SplitSeed).Shuffle(rows);
        return new LabelledTask(
            "mnist", "digits by pixels", rows[..TrainingRows], rows[TrainingRows..], MatryoshkaDimensions.DoubledUpTo(OutputDimensions),
            choice ?? new RowChoice(), "NearestCentroid", "1-NN");
    }

    /// <summary>The IDX format: a magic number, the sizes as big-endian integers, then a byte a value.</summary>
    private static (int Count, byte[] Values) Read(string path, int dimensions)
    {
        using var unpacked = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        {
            packed.CopyTo(unpacked);
        }
        byte[] bytes = unpacked.ToArray();
        return (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4)), bytes[(4 + (4 * dimensions))..]);
    }
}

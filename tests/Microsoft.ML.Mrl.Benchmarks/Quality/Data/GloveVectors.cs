using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Sentence vectors from word vectors: the mean weighted by a / (a + p(word)), a = 1e-3 (Arora et al. 2017), p from the word's rank by
/// Zipf's law.
/// </summary>
internal sealed partial class GloveVectors : VectorSource
{
    private const double A = 1e-3;

    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly float[] _values;
    private readonly int _width;

    private GloveVectors(int dimensions, float[] values)
    {
        _width = dimensions;
        _values = values;
        Dimensions = MatryoshkaDimensions.DoubledUpTo(dimensions);
    }

    public override string Name => "glove";

    public override MatryoshkaDimensions Dimensions { get; }

    public override float[][] Embed(string part, IReadOnlyList<string> texts, bool areQueries = false) => [.. texts.Select(Embed)];

    /// <summary>The word vectors in a folder of data sets.</summary>
    public static GloveVectors Of(string folder) => Load(Path.Combine(folder, "words", "glove6b-100d-10k.bin"));

    /// <summary>Reads u32 count, u32 width, the words (u16 length, UTF-8), then the values row by row.</summary>
    public static GloveVectors Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        int count = (int)reader.ReadUInt32();
        int dimensions = (int)reader.ReadUInt32();
        var words = new string[count];
        for (int i = 0; i < count; i++)
        {
            words[i] = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadUInt16()));
        }
        var values = new float[count * dimensions];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        var result = new GloveVectors(dimensions, values);
        for (int i = 0; i < count; i++)
        {
            result._index[words[i]] = i;
        }
        return result;
    }

    public float[] Embed(string text)
    {
        var sum = new double[_width];
        double weights = 0;
        foreach (string word in Words(text))
        {
            if (_index.TryGetValue(word, out int row))
            {
                double weight = A / (A + FrequencyAt(row));
                weights += weight;
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += weight * _values[row * _width + i];
                }
            }
        }
        return Array.ConvertAll(sum, s => weights > 0 ? (float)(s / weights) : 0f);
    }

    /// <summary>The words stand in the file by falling frequency: Mandelbrot's form of Zipf's law, scaled to sum to about 1 over the
    /// file.</summary>
    private static double FrequencyAt(int rank) => 1 / ((rank + 2.7) * 9.5);

    private static IEnumerable<string> Words(string text) => WordPattern().Matches(text.ToLowerInvariant()).Select(m => m.Value);

    [GeneratedRegex("[a-z0-9]+")]
    private static partial Regex WordPattern();
}

using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Collects words and their vectors, and makes an encoder from them.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="maxWords">The largest number of words to read, or null to read all.</param>
/// <param name="lowerCase">Whether texts are converted to lower case; null does so when no word has an upper-case letter.</param>
/// <param name="frequencyWeighting">The number a in the weight a / (a + p); null uses no weights.</param>
internal sealed class WordVectorTable(
    string path, int? maxWords = null, bool? lowerCase = null, double? frequencyWeighting = null)
{
    private readonly List<string> _words = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private float[] _values = [];
    private int _rows;

    /// <summary>Gets the width D; 0 before it is known.</summary>
    public int Dimensions { get; private set; }

    public bool IsFull => _rows >= maxWords;

    public void SetWidth(int dimensions, long expectedRows = 0)
    {
        Dimensions = dimensions;
        long rows = Math.Min(expectedRows, maxWords ?? expectedRows);
        // A count in a damaged file must not ask for gigabytes.
        _values = new float[Math.Clamp(rows * dimensions, 0, 1 << 24)];
    }

    /// <summary>Adds a word, unless it is there already.</summary>
    public void Add(string word, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new InvalidDataException(
                    $"'{path}': the vector of '{word}' has the value {value}. The numbers of an encoder are finite.");
            }
        }
        if (word.Length == 0 || !_seen.Add(word))
        {
            return;
        }
        long needed = (_rows + 1L) * Dimensions;
        if (needed > Array.MaxLength - Dimensions)
        {
            throw new InvalidDataException(
                $"'{path}' has more numbers than one array holds. Read fewer words: give " +
                $"{nameof(maxWords)}.");
        }
        if (needed > _values.Length)
        {
            Array.Resize(ref _values, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _values.Length)));
        }
        values.CopyTo(_values.AsSpan(_rows++ * Dimensions, Dimensions));
        _words.Add(word);
    }

    public StaticTextEncoder ToEncoder()
    {
        if (_rows == 0)
        {
            throw new InvalidDataException($"'{path}' has no word vectors.");
        }
        bool lowersCase = lowerCase ?? !_words.Exists(word => word.Any(char.IsUpper));
        bool hasUnknown = _seen.Contains(WordTokenizerFile.UnknownToken);
        int first = hasUnknown ? 0 : 1;
        var table = new float[(long)(_rows + first) * Dimensions];
        _values.AsSpan(0, _rows * Dimensions).CopyTo(table.AsSpan(first * Dimensions));
        if (frequencyWeighting is { } a)
        {
            Weigh(table.AsSpan(first * Dimensions), a);
        }
        return new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = WordTokenizerFile.WriteDropping(hasUnknown ? _words : [WordTokenizerFile.UnknownToken, .. _words], lowersCase),
            Dimensions = Dimensions,
            Table = table,
            SkipsUnknown = true,
        });
    }

    private void Weigh(Span<float> rows, double a)
    {
        // Mandelbrot's form of Zipf's law, 1 / (rank + 2.7), scaled to sum to 1 over the words read.
        double sum = Enumerable.Range(0, _rows).Sum(rank => 1 / (rank + 2.7));
        for (int rank = 0; rank < _rows; rank++)
        {
            float weight = (float)(a / (a + 1 / ((rank + 2.7) * sum)));
            foreach (ref float value in rows.Slice(rank * Dimensions, Dimensions))
            {
                value *= weight;
            }
        }
    }
}

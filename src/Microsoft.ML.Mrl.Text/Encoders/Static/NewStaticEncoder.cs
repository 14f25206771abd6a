using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Makes a static encoder of random vectors for the words of a corpus.</summary>
internal static class NewStaticEncoder
{
    public static StaticTextEncoder Make(IEnumerable<string> corpus, StaticEncoderOptions options)
    {
        string[] words = Words(corpus, options);
        if (words.Length == 0 && options.Buckets == 0)
        {
            throw new InvalidOperationException(
                $"No word occurs {options.MinCount} times in the corpus, and there are no buckets. Give more text, or lower " +
                $"{nameof(options.MinCount)}.");
        }
        var random = new Random(options.Seed);
        int rows = 1 + words.Length + options.Buckets;
        var table = new float[(long)rows * options.Dimensions];
        // Rows of a mean length of 1; the first, which no word has, stays zeros.
        double scale = 1 / Math.Sqrt(options.Dimensions);
        for (int i = options.Dimensions; i < table.Length; i++)
        {
            table[i] = (float)(scale * Gaussian(random));
        }
        return new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = WordTokenizerFile.WriteDropping([WordTokenizerFile.UnknownToken, .. words], options.LowerCase),
            Dimensions = options.Dimensions,
            Table = table,
            SkipsUnknown = true,
            Subwords = options.Buckets == 0 ? null : new SubwordHashing(options.Buckets, options.MinNgramLength, options.MaxNgramLength),
        });
    }

    /// <summary>Returns the words that occur often enough, by falling count; of equal counts in the order of their characters.</summary>
    private static string[] Words(IEnumerable<string> corpus, StaticEncoderOptions options)
    {
        var counter = new Counter();
        JsonTokenizer tokenizer = TokenizerFile.Parse(
            WordTokenizerFile.Write([WordTokenizerFile.UnknownToken], options.LowerCase), TokenizerFile.Name);
        foreach (string text in corpus)
        {
            if (!string.IsNullOrEmpty(text))
            {
                tokenizer.Encode(text, counter);
            }
        }
        return
        [
            .. counter.Counts.Where(c => c.Value >= options.MinCount && c.Key != WordTokenizerFile.UnknownToken)
                .OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(options.MaxWords).Select(c => c.Key),
        ];
    }

    /// <summary>Returns a standard normal number (Box and Muller 1958).</summary>
    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Counts words that a tokenizer without any word does not know.</summary>
    private sealed class Counter : ITokenSink
    {
        public Dictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

        public void Add(int id)
        {
        }

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            string key = word.ToString();
            Counts[key] = Counts.GetValueOrDefault(key) + 1;
        }
    }
}

using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.Vectors.Decomposition;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>
/// Makes a static encoder from another encoder, as model2vec does: every token is embedded alone, the embeddings are rotated to their
/// principal components, and rare tokens get larger weights.
/// </summary>
internal sealed class Distillation(TextEncoder encoder, TextTokenizer tokenizer, int dimensions, CancellationToken cancellationToken)
{
    private const int TokensAtOnce = 512;

    /// <summary>a of the weight a / (a + p) that a token's row is multiplied with, p its share of all tokens (Arora et al. 2017).</summary>
    private const double FrequencyWeighting = 1e-4;

    /// <summary>
    /// How much the corpus says about the share of a token, beside the order of the vocabulary: the exponent of the one in their product.
    /// By its own shares alone, the words that a narrow corpus is about would hardly count.
    /// </summary>
    private const double WeightOfCorpus = 0.25;

    /// <summary>How often a word of the corpus must occur to have a row of its own.</summary>
    private const int MinCount = 2;

    /// <summary>The maximum number of words that get a row of their own.</summary>
    private const int MaxWords = 50_000;

    public StaticTextEncoder Run(IEnumerable<string>? corpus)
    {
        string[]? texts = corpus is null ? null : [.. corpus.Where(text => !string.IsNullOrEmpty(text))];
        string[] words = texts is null ? [] : [.. Words(texts)];
        byte[] json = tokenizer.ToJson(words);
        JsonTokenizer made = TokenizerFile.Parse(json, TokenizerFile.Name);
        int tokens = made.Vocabulary.Values.Max() + 1;
        int[]?[] ids = [.. Ids(made, words, tokens)];
        float[] vectors = Vectors(ids);
        double[] shares = ByRank(ids);
        if (texts is not null)
        {
            shares = [.. shares.Zip(Counted(made, texts, tokens),
                (byRank, counted) => Math.Pow(byRank, 1 - WeightOfCorpus) * Math.Pow(counted, WeightOfCorpus))];
        }
        return new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = json,
            Dimensions = dimensions,
            Table = Table(ids, vectors, shares),
            SkipsUnknown = true,
            IsNormalized = true,
            Prompts = EncoderPrompts.None,
        });
    }

    /// <summary>Returns the words of the corpus that are several tokens, by falling count.</summary>
    private IEnumerable<string> Words(string[] texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tokenizer.ReadWords(text, word => counts[word] = counts.GetValueOrDefault(word) + 1);
        }
        return counts.Where(c => c.Value >= MinCount).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(MaxWords).Select(c => c.Key);
    }

    /// <summary>Returns the ids to encode for each token, or <see langword="null"/> for tokens that occur in no text.</summary>
    private IEnumerable<int[]?> Ids(JsonTokenizer made, string[] words, int tokens)
    {
        var names = new string?[tokens];
        foreach ((string name, int id) in made.Vocabulary)
        {
            names[id] = name;
        }
        for (int id = 0; id < tokens; id++)
        {
            string? name = names[id];
            bool isInNoText = name is null || id == made.UnknownId || tokenizer.IsSpecial(id)
                || name.StartsWith("[unused", StringComparison.Ordinal);
            yield return isInNoText
                ? null
                : id < tokens - words.Length ? tokenizer.Surround([id])
                : tokenizer.Encode(words[id - (tokens - words.Length)]);
        }
    }

    /// <summary>Returns the encoder's embedding of each token, the full ones, <c>[V, D]</c>.</summary>
    private float[] Vectors(int[]?[] ids)
    {
        int width = encoder.Dimensions;
        if ((long)ids.Length * width > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"The {ids.Length} tokens of {width} values do not fit one array. Distil an encoder with a smaller vocabulary.");
        }
        var vectors = new float[ids.Length * width];
        int[] wanted = [.. Enumerable.Range(0, ids.Length).Where(id => ids[id] is not null)];
        for (int done = 0; done < wanted.Length; done += TokensAtOnce)
        {
            int[] chosen = wanted[done..Math.Min(wanted.Length, done + TokensAtOnce)];
            var part = new float[chosen.Length * width];
            encoder.EncodeTokens([.. chosen.Select(id => ids[id]!)], part, cancellationToken);
            for (int i = 0; i < chosen.Length; i++)
            {
                part.AsSpan(i * width, width).CopyTo(vectors.AsSpan(chosen[i] * width));
            }
        }
        return vectors;
    }

    /// <summary>Returns the rows of the table: principal components times a weight; zeros for tokens that occur in no text.</summary>
    private float[] Table(int[]?[] ids, float[] vectors, double[] shares)
    {
        int width = encoder.Dimensions;
        var sum = new ScatterSum(width);
        for (int id = 0; id < ids.Length; id++)
        {
            if (ids[id] is not null)
            {
                vectors.AsSpan(id * width, width).CopyTo(sum.NextRow());
            }
        }
        PrincipalDirections found = PrincipalDirections.Exact(sum, width, dimensions);
        float[] mean = Array.ConvertAll(found.Mean, v => (float)v);
        float[] directions = Array.ConvertAll(found.Directions, v => (float)v);
        var table = new float[(long)ids.Length * dimensions];
        Parallel.For(0, ids.Length, new ParallelOptions { CancellationToken = cancellationToken }, id =>
        {
            if (ids[id] is null)
            {
                return;
            }
            Span<float> vector = vectors.AsSpan(id * width, width);
            TensorPrimitives.Subtract(vector, mean, vector);
            float weight = (float)(FrequencyWeighting / (FrequencyWeighting + shares[id]));
            for (int d = 0; d < dimensions; d++)
            {
                table[id * dimensions + d] = weight * TensorPrimitives.Dot<float>(vector, directions.AsSpan(d * width, width));
            }
        });
        return table;
    }

    /// <summary>Returns shares by Zipf's law from the order of the vocabulary, in which frequent tokens come first.</summary>
    private static double[] ByRank(int[]?[] ids)
    {
        int rank = 1;
        double[] shares = [.. ids.Select(tokens => tokens is null ? 0 : 1.0 / ++rank)];
        double sum = shares.Sum();
        return Array.ConvertAll(shares, share => share / sum);
    }

    /// <summary>Returns shares by counting tokens, each once more than it occurs.</summary>
    private double[] Counted(JsonTokenizer made, string[] texts, int tokens)
    {
        var counter = new Counter(tokens);
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            made.Encode(text, counter);
        }
        double all = counter.Counts.Sum(c => c + 1.0);
        return [.. counter.Counts.Select(c => (c + 1) / all)];
    }

    private sealed class Counter(int tokens) : ITokenSink
    {
        public long[] Counts { get; } = new long[tokens];

        public void Add(int id) => Counts[id]++;

        public void AddUnknown(ReadOnlySpan<char> word)
        {
        }
    }
}

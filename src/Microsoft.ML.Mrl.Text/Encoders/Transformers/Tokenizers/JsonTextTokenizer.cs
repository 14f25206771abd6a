using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Represents a tokenizer of any model with the special tokens around a text: <c>&lt;s&gt; … &lt;/s&gt;</c>.</summary>
internal sealed class JsonTextTokenizer : TextTokenizer
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonTokenizer _tokenizer;

    /// <param name="tokenizer">Finds the text's own tokens.</param>
    /// <param name="around">The ids around them.</param>
    /// <param name="source">The vocabulary's name, for messages.</param>
    /// <exception cref="InvalidDataException">An id around the text is of no token.</exception>
    public JsonTextTokenizer(JsonTokenizer tokenizer, SurroundingTokens around, string source)
        : base(around.Before, around.After)
    {
        _tokenizer = tokenizer;
        VocabularySize = tokenizer.Vocabulary.Values.Max() + 1;
        foreach (int id in around.Before.Concat(around.After))
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new InvalidDataException(
                    $"'{source}' puts the token {id} around a text, but has only {VocabularySize} tokens. Save the tokenizer again.");
            }
        }
    }

    public override int VocabularySize { get; }

    /// <summary>Gets the <c>tokenizer.json</c> that it was made of, or <see langword="null"/> for other files.</summary>
    public byte[]? Json { get; init; }

    internal override byte[] ToJson(IReadOnlyList<string> words)
    {
        if (Json is null)
        {
            return base.ToJson(words);
        }
        JsonObject file = EncoderConfigs.Parse(Json);
        file["truncation"] = null;
        file["padding"] = null;
        return JsonSerializer.SerializeToUtf8Bytes(file, s_options);
    }

    private protected override void Append(string text, List<int> ids) => _tokenizer.Encode(text, new Sink(ids, _tokenizer.UnknownId));

    private sealed class Sink(List<int> ids, int? unknown) : ITokenSink
    {
        public void Add(int id) => ids.Add(id);

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            if (unknown is { } id)
            {
                ids.Add(id);
            }
        }
    }
}

using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Makes the model that a <c>tokenizer.json</c> describes.</summary>
internal static class TokenizerModelReader
{
    private const string Known = "Tokenizers with a WordPiece, WordLevel, BPE or Unigram model can be read";

    /// <param name="model">The model.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="vocabulary">The tokens of the model and their ids, without added tokens that the model itself does not know.</param>
    /// <exception cref="InvalidDataException">The model is damaged or contradictory.</exception>
    /// <exception cref="NotSupportedException">The kind of model is not supported.</exception>
    public static TokenizerModel Read(JsonElement model, string path, out Dictionary<string, int> vocabulary)
    {
        // Older files do not name the kind.
        string type = JsonParts.Text(model, "type") ?? (model.TryGetProperty("merges", out _)
            ? "BPE"
            : model.GetProperty("vocab").ValueKind == JsonValueKind.Array
            ? "Unigram"
            : "WordPiece");
        if (type == "Unigram")
        {
            return new WordCache(Unigram(model, path, out vocabulary));
        }
        if (type is not ("WordPiece" or "WordLevel" or "BPE"))
        {
            throw new NotSupportedException(
                $"'{path}' has a {type} model. {Known}; use another model, or compute its embeddings elsewhere, as with ApplyOnnxModel.");
        }
        vocabulary = VocabularyOf(model, path);
        return type switch
        {
            "BPE" => new WordCache(BytePair(model, vocabulary, path)),
            "WordPiece" =>
                new WordPieceModel(vocabulary, JsonParts.Text(model, "continuing_subword_prefix") ?? "##",
                JsonParts.Text(model, "unk_token") ?? "[UNK]", LongestWord(model, path)),
            _ => new WordLevelModel(new TokenVocabulary(vocabulary), JsonParts.Text(model, "unk_token")),
        };
    }

    /// <summary>A word's time grows with the square of its length, and this is the only bound of it.</summary>
    private static int LongestWord(JsonElement model, string path)
    {
        int longest = JsonParts.Number(model, "max_input_chars_per_word") ?? 100;
        return longest is >= 0 and <= WordPieceModel.LongestWord ? longest : throw new InvalidDataException(
            $"'{path}' has a WordPiece model that takes words of {longest} characters (max_input_chars_per_word). It is 100 in " +
            $"BERT; choose 0..{WordPieceModel.LongestWord}.");
    }

    private static BytePairModel BytePair(JsonElement model, Dictionary<string, int> vocabulary, string path)
    {
        if (JsonParts.Part(model, "merges") is not { } merges)
        {
            throw new InvalidDataException($"'{path}' has a BPE model without merges. Save the tokenizer again.");
        }
        if (JsonParts.Part(model, "dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0))
        {
            throw new NotSupportedException(
                $"'{path}' has a BPE model with dropout {dropout}, which draws tokens by chance. Set dropout to null.");
        }
        var options = new BytePairOptions
        {
            UnknownToken = JsonParts.Text(model, "unk_token"),
            ContinuationPrefix = JsonParts.Text(model, "continuing_subword_prefix") ?? "",
            EndSuffix = JsonParts.Text(model, "end_of_word_suffix") ?? "",
            FusesUnknown = JsonParts.Flag(model, "fuse_unk"),
            FallsBackToBytes = JsonParts.Flag(model, "byte_fallback"),
            PrefersWholeWords = JsonParts.Flag(model, "ignore_merges"),
        };
        if (options.UnknownToken is { } unknown && !vocabulary.ContainsKey(unknown))
        {
            throw new InvalidDataException(
                $"'{path}' has a BPE model whose unknown token '{unknown}' is not in its vocabulary. Save the tokenizer again.");
        }
        var tokens = new TokenVocabulary(vocabulary);
        return new BytePairModel(tokens,
            BytePairMerges.From(merges.EnumerateArray()
            .Select(pair => Pair(pair, path)), tokens, options.ContinuationPrefix, path), options);
    }

    /// <summary>Reads a pair: a text with a space, or since tokenizers 0.20 a list of two texts.</summary>
    private static (string Left, string Right) Pair(JsonElement pair, string path) =>
        (pair.ValueKind == JsonValueKind.String ? BytePairMerges.Pair(pair.GetString()!)
            : pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String
                && pair[1].ValueKind == JsonValueKind.String
                ? (pair[0].GetString()!, pair[1].GetString()!)
            : null)
        ?? throw new InvalidDataException($"'{path}': the merge {Shortened(pair.GetRawText())} is not a pair of tokens.");

    private static UnigramModel Unigram(JsonElement model, string path, out Dictionary<string, int> vocabulary)
    {
        if (model.GetProperty("vocab") is not { ValueKind: JsonValueKind.Array } vocab)
        {
            throw new InvalidDataException($"'{path}' has a Unigram model whose vocab is not a list of tokens and scores.");
        }
        var pieces = new List<UnigramPiece>();
        vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonElement entry in vocab.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String
                || entry[1].ValueKind != JsonValueKind.Number || !entry[1].TryGetDouble(out double score) || !double.IsFinite(score))
            {
                throw new InvalidDataException(
                    $"'{path}': token {pieces.Count} is {Shortened(entry.GetRawText())}, not a text and a finite score.");
            }
            string text = entry[0].GetString()!;
            vocabulary[text] = pieces.Count;
            pieces.Add(new UnigramPiece(text, score, pieces.Count));
        }
        return JsonParts.Number(model, "unk_id") is { } unknown && unknown >= 0 && unknown < pieces.Count
            ? new UnigramModel(pieces, unknown, pieces.Min(p => p.Score), JsonParts.Flag(model, "byte_fallback"), isSinglePrecision: false)
            : throw new InvalidDataException(
                $"'{path}' has a Unigram model whose unk_id is " +
                $"{JsonParts.Number(model, "unk_id")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "missing"}, not " +
                $"one of its {pieces.Count} tokens. Save the tokenizer again.");
    }

    private static string Shortened(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private static Dictionary<string, int> VocabularyOf(JsonElement model, string path)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        if (model.GetProperty("vocab") is not { ValueKind: JsonValueKind.Object } vocab)
        {
            throw new NotSupportedException(
                $"'{path}' has a {JsonParts.Text(model, "type")} model whose vocab is not an object. {Known}; use another model.");
        }
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            int id = token.Value.GetInt32();
            if (id is < 0 or > TokenVocabulary.MaxId)
            {
                throw new InvalidDataException(
                    $"'{path}': token '{token.Name}' has the id {id}. Ids are whole numbers in 0..{TokenVocabulary.MaxId}.");
            }
            vocabulary[token.Name] = id;
        }
        return vocabulary;
    }
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl;

/// <summary>Reads a <c>tokenizer.json</c>.</summary>
internal static class TokenizerFile
{
    public const string Name = "tokenizer.json";

    private static readonly TimeSpan s_longestMatch = TimeSpan.FromSeconds(10);

    /// <summary>Makes the tokenizer that the file describes.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="InvalidDataException">It is damaged, or not such a file.</exception>
    /// <exception cref="NotSupportedException">It uses a model, normalizer or pre-tokenizer that is not known here.</exception>
    public static JsonTokenizer Parse(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, path);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is not a tokenizer file: {e.Message}", e);
        }
    }

    private static JsonTokenizer Read(JsonElement root, string path)
    {
        JsonElement model = root.GetProperty("model");
        Dictionary<string, int> vocabulary = VocabularyOf(model, path);
        string type = Text(model, "type") ?? "WordPiece";
        WordModel words = type switch
        {
            "WordPiece" => new WordPieceModel(vocabulary, Text(model, "continuing_subword_prefix") ?? "##", Text(model, "unk_token") ?? "[UNK]", Number(model, "max_input_chars_per_word") ?? 100),
            "WordLevel" => new WordLevelModel(new TokenVocabulary(vocabulary), Text(model, "unk_token")),
            _ => throw new NotSupportedException($"'{path}' has a {type} model. Tokenizers with a WordPiece or WordLevel model can be read; use another model, or compute its embeddings elsewhere, as with ApplyOnnxModel."),
        };
        List<AddedToken> added = AddedTokens(root);
        var all = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        foreach (AddedToken token in added)
        {
            all[token.Content] = token.Id;
        }
        if (all.Count == 0)
        {
            throw new InvalidDataException($"'{path}' has no tokens.");
        }
        JsonElement? truncation = Part(root, "truncation");
        return new JsonTokenizer(Normalizer(Part(root, "normalizer"), path), new WordSplitter(Splitting(Part(root, "pre_tokenizer"), path)), words, all, added)
        {
            MostTokens = truncation is { } cut ? Number(cut, "max_length") : null,
            KeepsLast = truncation is { } side && Text(side, "direction") == "Left",
        };
    }

    private static Dictionary<string, int> VocabularyOf(JsonElement model, string path)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        if (model.GetProperty("vocab") is not { ValueKind: JsonValueKind.Object } vocab)
        {
            throw new NotSupportedException($"'{path}' has a {Text(model, "type")} model. Tokenizers with a WordPiece or WordLevel model can be read; use another model.");
        }
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            int id = token.Value.GetInt32();
            if (id < 0)
            {
                throw new InvalidDataException($"'{path}': token '{token.Name}' has the id {id}. Ids count from 0.");
            }
            vocabulary[token.Name] = id;
        }
        return vocabulary;
    }

    private static List<AddedToken> AddedTokens(JsonElement root)
    {
        var tokens = new List<AddedToken>();
        if (Part(root, "added_tokens") is { } list)
        {
            foreach (JsonElement token in list.EnumerateArray())
            {
                tokens.Add(new AddedToken(
                    token.GetProperty("id").GetInt32(), Text(token, "content") ?? "", Flag(token, "normalized"), Flag(token, "single_word"), Flag(token, "lstrip"), Flag(token, "rstrip")));
                ArgumentOutOfRangeException.ThrowIfNegative(tokens[^1].Id, "id");
            }
        }
        return tokens;
    }

    private static TextNormalizer? Normalizer(JsonElement? part, string path)
    {
        if (part is not { } normalizer)
        {
            return null;
        }
        switch (Text(normalizer, "type"))
        {
            case "BertNormalizer":
                bool lowers = Flag(normalizer, "lowercase", otherwise: true);
                return new BertNormalizer(
                    Flag(normalizer, "clean_text", otherwise: true), Flag(normalizer, "handle_chinese_chars", otherwise: true), Flag(normalizer, "strip_accents", otherwise: lowers), lowers);
            case "Lowercase":
                return new LowerCase();
            case "StripAccents":
                return new AccentStripper();
            case "Strip":
                (bool left, bool right) = (Flag(normalizer, "strip_left", otherwise: true), Flag(normalizer, "strip_right", otherwise: true));
                return new MappedNormalizer(text => left && right ? text.Trim() : left ? text.TrimStart() : right ? text.TrimEnd() : text);
            case "NFC":
                return NormalForm(NormalizationForm.FormC, path);
            case "NFD":
                return NormalForm(NormalizationForm.FormD, path);
            case "NFKC":
                return NormalForm(NormalizationForm.FormKC, path);
            case "NFKD":
                return NormalForm(NormalizationForm.FormKD, path);
            case "Replace":
                return Replacement(normalizer);
            case "Sequence":
                return Sequence([.. normalizer.GetProperty("normalizers").EnumerateArray()], path);
            case var type:
                throw new NotSupportedException($"'{path}' has a {type} normalizer, which is not known here.");
        }
    }

    private static NormalizerSequence Sequence(JsonElement[] parts, string path)
    {
        var steps = new List<TextNormalizer>();
        for (int i = 0; i < parts.Length; i++)
        {
            bool stripsLater = parts[(i + 1)..].Any(p => Text(p, "type") == "StripAccents");
            if (Text(parts[i], "type") == "NFD" && stripsLater)
            {
                // Together the two need no help of the operating system.
                steps.Add(new DecomposingAccentStripper());
            }
            else if (Normalizer(parts[i], path) is { } step)
            {
                steps.Add(step);
            }
        }
        return new NormalizerSequence([.. steps]);
    }

    private static MappedNormalizer NormalForm(NormalizationForm form, string path) => "\u00E9".Normalize(NormalizationForm.FormD).Length == 2
        ? new MappedNormalizer(text => text.Normalize(form))
        : throw new NotSupportedException($"'{path}' brings texts into a Unicode normal form, which .NET does not do with invariant globalization. Set InvariantGlobalization to false.");

    private static MappedNormalizer Replacement(JsonElement normalizer)
    {
        JsonElement pattern = normalizer.GetProperty("pattern");
        string content = Text(normalizer, "content") ?? "";
        if (Text(pattern, "String") is { Length: > 0 } plain)
        {
            return new MappedNormalizer(text => text.Replace(plain, content, StringComparison.Ordinal));
        }
        var regex = new Regex(Text(pattern, "Regex") ?? throw new FormatException("A Replace normalizer has no pattern."), RegexOptions.CultureInvariant, s_longestMatch);
        return new MappedNormalizer(text => regex.Replace(text, _ => content));
    }

    private static WordSplitter.Rules Splitting(JsonElement? part, string path)
    {
        if (part is not { } splitter)
        {
            return WordSplitter.Rules.None;
        }
        switch (Text(splitter, "type"))
        {
            case "BertPreTokenizer":
                return WordSplitter.Rules.DropsWhiteSpace | WordSplitter.Rules.PartsPunctuation;
            case "Whitespace":
                return WordSplitter.Rules.DropsWhiteSpace | WordSplitter.Rules.PartsWordsFromSymbols;
            case "WhitespaceSplit":
                return WordSplitter.Rules.DropsWhiteSpace;
            case "Punctuation" when (Text(splitter, "behavior") ?? "Isolated") == "Isolated":
                return WordSplitter.Rules.PartsPunctuation;
            case "Digits":
                return Flag(splitter, "individual_digits") ? WordSplitter.Rules.PartsDigits : WordSplitter.Rules.PartsNumbers;
            case "Sequence":
                return splitter.GetProperty("pretokenizers").EnumerateArray().Aggregate(WordSplitter.Rules.None, (rules, p) => rules | Splitting(p, path));
            case var type:
                throw new NotSupportedException($"'{path}' has a {type} pre-tokenizer, which is not known here.");
        }
    }

    private static JsonElement? Part(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    private static string? Text(JsonElement parent, string name) => Part(parent, name)?.GetString();

    private static int? Number(JsonElement parent, string name) => Part(parent, name)?.GetInt32();

    private static bool Flag(JsonElement parent, string name, bool otherwise = false) => Part(parent, name)?.GetBoolean() ?? otherwise;
}

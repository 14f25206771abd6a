using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>
/// Makes the tokenizers of RoBERTa, XLM-RoBERTa and CamemBERT: of a <c>tokenizer.json</c> where there is one, else of <c>vocab.json</c> and
/// <c>merges.txt</c> (byte-level byte pairs), else of a sentencepiece model, whose ids fairseq shifts.
/// </summary>
/// <remarks>
/// Own code, since all three forms need what a <c>tokenizer.json</c> describes around its model: added tokens with the spaces beside them,
/// normalizers, pre-tokenizers and the special tokens around a text. With those here, the model itself is the smaller part. How the readers
/// of Microsoft.ML.Tokenizers differ is written at <see cref="JsonTokenizer"/>.
/// </remarks>
internal static class RobertaTokenizerReader
{
    private const string Vocabulary = "vocab.json";
    private const string Merges = "merges.txt";
    private static readonly string[] SentencePieces = ["sentencepiece.bpe.model", "sentencepiece.model"];

    /// <exception cref="FileNotFoundException">There is no vocabulary, or no merges.</exception>
    /// <exception cref="NotSupportedException">The kind of tokenizer is not supported.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static JsonTextTokenizer Read(ModelFiles files, string folder, TransformerConfig config)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        TextTokenizerReader.CheckSettings(settings);
        bool lowers = SentenceConfig.Lowers(files, folder);
        if (files.Find(SentenceModules.Join(folder, TokenizerFile.Name)) is { } fast)
        {
            return TextTokenizerReader.ReadWhole(files, folder, fast, settings, lowers,
                (tokenizer, given, source) => Around(tokenizer, given, settings, source));
        }
        if (files.Find(SentenceModules.Join(folder, Vocabulary)) is { } vocabulary)
        {
            return ReadBytePairs(files, folder, vocabulary, settings, lowers);
        }
        foreach (string name in SentencePieces)
        {
            if (files.Find(SentenceModules.Join(folder, name)) is { } model)
            {
                return ReadSentencePieces(files, folder, name, model, config.ModelType, config.Vocabulary);
            }
        }
        throw new FileNotFoundException(
            $"There is no {TokenizerFile.Name}, no {Vocabulary} with {Merges} and no {SentencePieces[0]} in '{files.Source}'. Save the " +
            $"tokenizer with the model.", SentenceModules.Join(folder, TokenizerFile.Name));
    }

    private static SurroundingTokens Around(JsonTokenizer tokenizer, SurroundingTokens? given, ModelJson? settings, string source) =>
        given is null ? Around(tokenizer.Vocabulary, settings, source)
        : (given.Before.Length, given.After.Length) == (1, 1) ? given
        : throw new NotSupportedException(
            $"'{source}' puts other special tokens around a text than one before and one after it, which is not supported.");

    public static JsonTextTokenizer ReadBytePairs(ModelFiles files, string folder, byte[] bytes, ModelJson? settings, bool lowers)
    {
        string source = $"{files.Source}/{SentenceModules.Join(folder, Vocabulary)}";
        string mergesPath = SentenceModules.Join(folder, Merges);
        byte[] merges = files.Find(mergesPath) ?? throw new FileNotFoundException(
            $"There is a {Vocabulary} but no {Merges} in '{files.Source}'. A byte-pair tokenizer needs both; save it again.", mergesPath);
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty token in ModelJson.Parse(source, bytes).Root.EnumerateObject())
        {
            vocabulary[token.Name] = token.Value.ValueKind == JsonValueKind.Number && token.Value.TryGetInt32(out int id)
                && id is >= 0 and <= TokenVocabulary.MaxId
                ? id
                : throw new InvalidDataException(
                    $"'{source}': the id of token '{token.Name}' is {token.Value}, not a whole number from 0.");
        }
        var tokens = new TokenVocabulary(vocabulary);
        string unknown = TransformerTokenizerReader.Token(settings, "unk_token") ?? "<unk>";
        List<AddedToken> added = WithExtra(
            files, folder, settings, Added(settings, name => vocabulary.TryGetValue(name, out int id) ? id : null), vocabulary);
        if (vocabulary.Count == 0)
        {
            throw new InvalidDataException($"'{source}' has no tokens.");
        }
        bool addsPrefixSpace = settings?.Flag("add_prefix_space", false) ?? false;
        var tokenizer = new JsonTokenizer(
            normalizer: null,
            [new ByteLevelPreTokenizer(addsPrefixSpace, cutsWords: true)],
            new BytePairModel(
                tokens,
                BytePairMerges.From(
                    BytePairMerges.ReadLines(merges, $"{files.Source}/{mergesPath}"), tokens, "", $"{files.Source}/{mergesPath}"),
                new BytePairOptions { UnknownToken = vocabulary.ContainsKey(unknown) ? unknown : null }),
            vocabulary,
            added);
        return TextTokenizerReader.Make(tokenizer, Around(vocabulary, settings, source), source, settings, lowers);
    }

    /// <summary>Reads a sentencepiece model, whose ids fairseq shifts for XLM-RoBERTa and CamemBERT.</summary>
    public static JsonTextTokenizer ReadSentencePieces(
        ModelFiles files, string folder, string name, byte[] bytes, string? modelType, int? vocabulary)
    {
        string source = $"{files.Source}/{SentenceModules.Join(folder, name)}";
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        bool lowers = SentenceConfig.Lowers(files, folder);
        SentencePieceFile.Layout layout = SentencePieceFile.ReadLayout(bytes, source);
        if (modelType is not ("xlm-roberta" or "camembert" or "roberta") && !layout.IsShifted)
        {
            JsonTextTokenizer plain = ReadPlainSentencePieces(source, bytes, settings, layout, lowers, out JsonTokenizer inner);
            CheckExtra(files, folder, source, inner.Vocabulary.ContainsKey);
            return plain;
        }
        // fairseq's dictionaries begin with tokens of their own; CamemBERT's has one more, and repeats its piece for unknown characters.
        bool isCamembert = modelType == "camembert";
        int offset = isCamembert ? 4 : 1;
        const int UnknownId = 3;
        int mask = (vocabulary ?? layout.Pieces + 2) - 1;
        int first = isCamembert ? 1 + offset : 0, last = isCamembert ? 2 + offset : 2;
        var ids = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            [TransformerTokenizerReader.Token(settings, "bos_token") ?? "<s>"] = first,
            [TransformerTokenizerReader.Token(settings, "eos_token") ?? "</s>"] = last,
            [TransformerTokenizerReader.Token(settings, "pad_token") ?? "<pad>"] = 1,
            [TransformerTokenizerReader.Token(settings, "unk_token") ?? "<unk>"] = UnknownId,
            [TransformerTokenizerReader.Token(settings, "mask_token") ?? "<mask>"] = mask,
        };
        CheckExtra(files, folder, source, ids.ContainsKey);
        List<AddedToken> added = Added(settings, token => ids.TryGetValue(token, out int id) ? id : null);
        JsonTokenizer tokenizer = SentencePieceFile.Parse(bytes, source, offset, UnknownId, added);
        return TextTokenizerReader.Make(tokenizer, new SurroundingTokens([first], [last]), source, settings, lowers);
    }

    /// <summary>Reads a model whose pieces are the ids, such as those of T5 and Gemma.</summary>
    private static JsonTextTokenizer ReadPlainSentencePieces(
        string source, byte[] bytes, ModelJson? settings, SentencePieceFile.Layout layout, bool lowers, out JsonTokenizer inner)
    {
        var added = new List<AddedToken>();
        foreach ((string name, int id) in layout.Control)
        {
            added.Add(new AddedToken(id, name, IsNormalized: false, IsWholeWord: false, TakesLeft: false, TakesRight: false));
        }
        JsonTokenizer tokenizer = SentencePieceFile.Parse(bytes, source, offset: 0, layout.UnknownId, added);
        inner = tokenizer;
        string first = TransformerTokenizerReader.Token(settings, "bos_token") ?? "<bos>";
        string last = TransformerTokenizerReader.Token(settings, "eos_token") ?? (layout.Control.ContainsKey("</s>") ? "</s>" : "<eos>");
        var around = new SurroundingTokens(One("add_bos_token", first), One("add_eos_token", last));
        return TextTokenizerReader.Make(tokenizer, around, source, settings, lowers);

        int[] One(string key, string token) =>
            (settings?.Flag(key, true) ?? true) && tokenizer.Vocabulary.TryGetValue(token, out int id) ? [id] : [];
    }

    private static SurroundingTokens Around(IReadOnlyDictionary<string, int> vocabulary, ModelJson? settings, string source)
    {
        return new SurroundingTokens(
            [Require(TransformerTokenizerReader.Token(settings, "cls_token") ?? TransformerTokenizerReader.Token(settings,
                "bos_token") ?? "<s>")],
            [Require(TransformerTokenizerReader.Token(settings, "sep_token") ?? TransformerTokenizerReader.Token(settings,
                "eos_token") ?? "</s>")]);

        int Require(string token) => vocabulary.TryGetValue(token, out int id) ? id
            : throw new InvalidDataException(
                $"'{source}' has no token '{token}', which the tokenizer needs. Is it the vocabulary of another model?");
    }

    /// <summary>Returns the special tokens, which are found in a text as they are; &lt;mask&gt; takes the spaces before it.</summary>
    private static List<AddedToken> Added(ModelJson? settings, Func<string, int?> find)
    {
        var added = new List<AddedToken>();
        foreach ((string key, string usual) in new[] { ("bos_token", "<s>"), ("eos_token", "</s>"), ("cls_token", "<s>"),
            ("sep_token", "</s>"), ("pad_token", "<pad>"), ("unk_token", "<unk>"), ("mask_token", "<mask>") })
        {
            string name = TransformerTokenizerReader.Token(settings, key) ?? usual;
            if (find(name) is { } id && !added.Exists(t => t.Content == name))
            {
                added.Add(
                    new AddedToken(id, name, IsNormalized: false, IsWholeWord: false, TakesLeft: key == "mask_token", TakesRight: false));
            }
        }
        return added;
    }

    /// <summary>
    /// Returns the special tokens and the tokens that were added after training. The settings' description of a token has precedence.
    /// </summary>
    private static List<AddedToken> WithExtra(
        ModelFiles files, string folder, ModelJson? settings, List<AddedToken> special, Dictionary<string, int> vocabulary)
    {
        bool isDescribed = settings?.Has("added_tokens_decoder") ?? false;
        List<AddedToken> added = AddedToken.WithIds(
            [.. special, .. Extra(files, folder).Where(t => isDescribed || !special.Exists(known => known.Content == t.Content))],
                vocabulary);
        foreach (AddedToken token in added)
        {
            vocabulary[token.Content] = token.Id;
        }
        return added;
    }

    private static IEnumerable<AddedToken> Extra(ModelFiles files, string folder) =>
        TextTokenizerReader.More(files, folder).Where(token => token.Id >= 0);

    /// <summary>
    /// Throws an exception for tokens that were added to a sentencepiece model, since what their ids are depends on the class that added
    /// them.
    /// </summary>
    private static void CheckExtra(ModelFiles files, string folder, string source, Func<string, bool> isKnown)
    {
        // fairseq's dictionary of CamemBERT has entries that no text has.
        if (Extra(files, folder).FirstOrDefault(token => !isKnown(token.Content)
            && !token.Content.EndsWith("NOTUSED", StringComparison.Ordinal)) is { } unknown)
        {
            throw new NotSupportedException(
                $"'{source}': the token '{unknown.Content}' was added to the model, which is not supported for sentencepiece files. Save " +
                $"the tokenizer as {TokenizerFile.Name}.");
        }
    }
}

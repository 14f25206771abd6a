using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Makes the tokenizer that a model's files describe.</summary>
internal static class TransformerTokenizerReader
{
    public const string Settings = "tokenizer_config.json";

    /// <summary>The classes of the library transformers that build BERT's tokenizer themselves, of the vocabulary alone.</summary>
    private static readonly HashSet<string> s_wordPieceClasses = new(StringComparer.Ordinal)
    {
        "BertTokenizer", "DistilBertTokenizer", "MPNetTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer",
        "SqueezeBertTokenizer",
    };

    private static readonly HashSet<string> s_wordPieceModels = new(StringComparer.Ordinal)
    {
        "bert", "distilbert", "mpnet", "electra", "mobilebert", "convbert", "squeezebert",
    };

    /// <param name="files">The model's files.</param>
    /// <param name="folder">The encoder's folder among them, relative.</param>
    /// <param name="config">The encoder.</param>
    /// <exception cref="FileNotFoundException">There is no vocabulary.</exception>
    /// <exception cref="NotSupportedException">The kind of tokenizer is not supported.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the vocabulary has more tokens than the encoder.</exception>
    public static TextTokenizer Read(ModelFiles files, string folder, TransformerConfig config)
    {
        TextTokenizer tokenizer = config.Family == TransformerFamily.Roberta
            ? RobertaTokenizerReader.Read(files, folder, config)
            : TextTokenizerReader.Read(files, folder, config.ModelType);
        return tokenizer.VocabularySize <= config.Vocabulary
            ? tokenizer
            : throw new InvalidDataException(
                $"The vocabulary in '{files.Source}' has {tokenizer.VocabularySize} tokens, but the encoder has vectors for " +
                $"{config.Vocabulary}. " +
                $"Do both belong to the same model?");
    }

    /// <summary>
    /// Determines whether the library transformers builds BERT's tokenizer for a model, and takes only the vocabulary of its files.
    /// </summary>
    public static bool IsWordPiece(ModelFiles files, string folder, string? modelType) =>
        Class(files, folder) is { } name
            ? s_wordPieceClasses.Contains(name)
            : modelType is not null && s_wordPieceModels.Contains(modelType);

    /// <summary>Reads BERT's tokenizer from a <c>tokenizer.json</c> or a <c>vocab.txt</c>.</summary>
    /// <exception cref="NotSupportedException">The <c>tokenizer.json</c> has parts that are not BERT's.</exception>
    public static WordPieceTextTokenizer ReadWordPiece(ModelFiles files, string folder, string? modelType)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, Settings));
        TextTokenizerReader.CheckSettings(settings);
        ModelJson? fast = files.FindJson(SentenceModules.Join(folder, TokenizerFile.Name));
        string path = SentenceModules.Join(folder, "vocab.txt");
        (string source, Dictionary<string, int> vocabulary) = fast is not null ? (fast.Name, Model(fast, settings))
            : files.Find(path) is { } bytes ? ($"{files.Source}/{path}", Lines(bytes))
            : throw new FileNotFoundException(
                $"There is no vocab.txt and no tokenizer.json in '{files.Source}'. Save the tokenizer with the model.", path);
        bool isMpNet = (Class(files, folder) ?? (modelType == "mpnet" ? "MPNetTokenizer" : "")) == "MPNetTokenizer";
        Dictionary<string, AddedToken> usual = new[]
        {
            ("unk_token", "[UNK]"), ("sep_token", isMpNet ? "</s>" : "[SEP]"), ("pad_token", isMpNet ? "<pad>" : "[PAD]"),
            ("cls_token", isMpNet ? "<s>" : "[CLS]"), ("mask_token", isMpNet ? "<mask>" : "[MASK]"),
        }.ToDictionary(t => t.Item1, t => AddedToken.Special(t.Item2) with { TakesLeft = isMpNet && t.Item1 == "mask_token" });
        bool lower = Flag(settings, "do_lower_case") ?? true;
        var options = new WordPieceTokenizerOptions
        {
            LowerCase = lower,
            StripAccents = Flag(settings, "strip_accents") ?? lower,
            SplitChinese = Flag(settings, "tokenize_chinese_chars") ?? true,
            FirstToken = Name("cls_token"),
            LastToken = Name("sep_token"),
            UnknownToken = Name("unk_token"),
            AddedTokens = AddedTokensReader.Read(files, folder, usual),
            LowersFirst = SentenceConfig.Lowers(files, folder),
        };
        return new WordPieceTextTokenizer(source, vocabulary, options)
        {
            PadId = TextTokenizerReader.PadId(settings, vocabulary),
            TruncatesLeft = TextTokenizerReader.TruncatesLeft(settings, fast is not null && TruncatesLeft(fast)),
        };

        string Name(string key) => AddedTokensReader.Name(files, folder, key) ?? usual[key].Content;
    }

    /// <summary>Returns the class of the library transformers that the files name, without the ending Fast.</summary>
    private static string? Class(ModelFiles files, string folder)
    {
        string? name = files.FindJson(SentenceModules.Join(folder, Settings))?.FindText("tokenizer_class")
            ?? files.FindJson(SentenceModules.Join(folder, EncoderFolder.ConfigFile))?.FindText("tokenizer_class");
        return name is not null && name.EndsWith("Fast", StringComparison.Ordinal) && name != "PreTrainedTokenizerFast"
            ? name[..^"Fast".Length]
            : name;
    }

    private static bool TruncatesLeft(ModelJson fast) =>
        Part(fast, "truncation") is { ValueKind: JsonValueKind.Object } cut && JsonParts.Text(cut, "direction") == "Left";

    /// <summary>Reads a vocabulary. The id of a token is its line, or the last one if it occurs twice.</summary>
    private static Dictionary<string, int> Lines(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int line = 0; reader.ReadLine() is { } token; line++)
        {
            vocabulary[token] = line;
        }
        return vocabulary;
    }

    private static Dictionary<string, int> Model(ModelJson fast, ModelJson? settings)
    {
        if (Part(fast, "model") is not { ValueKind: JsonValueKind.Object } model || !model.TryGetProperty("vocab", out JsonElement vocab))
        {
            throw new InvalidDataException($"'{fast.Name}' has no model with a vocab.");
        }
        // Older files do not name the kind.
        if (Kind(model) is { } kind and not "WordPiece" || vocab.ValueKind != JsonValueKind.Object)
        {
            throw new NotSupportedException($"'{fast.Name}' describes a tokenizer of kind {Kind(model)}, and this encoder's is WordPiece.");
        }
        RequireUsualParts(fast, model);
        RequireSettings(fast, settings);
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id)
                || id is < 0 or > TokenVocabulary.MaxId)
            {
                throw new InvalidDataException(
                    $"'{fast.Name}': the id of token '{token.Name}' is {token.Value}, not a whole number from 0.");
            }
            vocabulary[token.Name] = id;
        }
        return vocabulary;
    }

    /// <summary>
    /// Throws an exception if the parts of a file are not those of BERT's tokenizer: up to version 4 transformers took them from the file,
    /// and from version 5 on it takes its own.
    /// </summary>
    private static void RequireUsualParts(ModelJson fast, JsonElement model)
    {
        string? unusual =
            Part(fast, "normalizer") is { ValueKind: JsonValueKind.Object } normalizer
                && (Kind(normalizer) != "BertNormalizer" || Flag(normalizer, "clean_text") == false)
                ? Kind(normalizer) == "BertNormalizer" ? "a BertNormalizer without clean_text" : $"a {Kind(normalizer)} normalizer"
            : Part(fast, "pre_tokenizer") is { ValueKind: JsonValueKind.Object } step && Kind(step) != "BertPreTokenizer"
                ? $"a {Kind(step)} pre-tokenizer"
            : JsonParts.Text(model, "continuing_subword_prefix") is { } prefix && prefix != "##"
                ? $"the prefix '{prefix}' for tokens that continue a word"
            : JsonParts.Number(model, "max_input_chars_per_word") is { } longest && longest != 100
                ? $"words of at most {longest} characters"
            : null;
        if (unusual is not null)
        {
            throw new NotSupportedException(
                $"'{fast.Name}' has {unusual}, and the class of its tokenizer has parts of its own: versions of transformers differ " +
                $"in which " +
                $"of the two they take. Set tokenizer_class to PreTrainedTokenizerFast in {Settings} to have the file as it is written.");
        }
    }

    /// <summary>
    /// Throws an exception if the normalizer of a file contradicts the defaults of the tokenizer's class and the settings do not decide.
    /// The class has precedence, and its defaults have changed between versions of transformers.
    /// </summary>
    private static void RequireSettings(ModelJson fast, ModelJson? settings)
    {
        if (Part(fast, "normalizer") is not { ValueKind: JsonValueKind.Object } normalizer)
        {
            return;
        }
        foreach ((string key, string part) in new[]
        {
            ("do_lower_case", "lowercase"), ("strip_accents", "strip_accents"), ("tokenize_chinese_chars", "handle_chinese_chars"),
        })
        {
            bool usual = part != "strip_accents" || (Flag(settings, "do_lower_case") ?? true);
            if (Flag(settings, key) is null && Flag(normalizer, part) is { } own && own != usual)
            {
                throw new NotSupportedException(
                    $"'{fast.Name}' has a normalizer with {part} {(own ? "true" : "false")}, but {Settings} does not say {key}, and " +
                    $"versions of " +
                    $"transformers differ in what they take then. Set {key} in {Settings}.");
            }
        }
    }

    public static JsonElement? Part(ModelJson? file, string key) =>
        file is not null && file.Root.TryGetProperty(key, out JsonElement part) ? part : null;

    private static string? Kind(JsonElement part) =>
        part.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static bool? Flag(ModelJson? file, string key) => file is not null && file.Has(key) ? file.Flag(key, false) : null;

    private static bool? Flag(JsonElement part, string key) =>
        part.TryGetProperty(key, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : null;

    /// <summary>Returns the text of a token, which is named by its text or by an object that contains it.</summary>
    public static string? Token(ModelJson? settings, string key) => Part(settings, key) is { } token ? Text(token) : null;

    /// <summary>Returns the text of a token.</summary>
    public static string? Text(JsonElement token) => token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content)
            && content.ValueKind == JsonValueKind.String
            ? content.GetString()
        : null;
}

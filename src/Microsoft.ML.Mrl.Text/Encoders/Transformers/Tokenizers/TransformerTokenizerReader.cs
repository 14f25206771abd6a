using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Makes the tokenizer that a model's files describe.</summary>
internal static class TransformerTokenizerReader
{
    /// <summary>Every text has two special tokens.</summary>
    private const int FewestTokens = 2;

    /// <param name="files">The model's files.</param>
    /// <param name="folder">The encoder's folder among them, relative.</param>
    /// <param name="config">The encoder.</param>
    /// <exception cref="FileNotFoundException">There is no vocabulary.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that is not known.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the vocabulary has more tokens than the encoder.</exception>
    public static TextTokenizer Read(ModelFiles files, string folder, TransformerConfig config)
    {
        TextTokenizer tokenizer = config.Family == TransformerFamily.Roberta ? RobertaTokenizerReader.Read(files, folder, config)
            : RobertaTokenizerReader.FindOther(files, folder) ?? (TextTokenizer)ReadWordPiece(
                files, folder, config.Family == TransformerFamily.MpNet);
        return tokenizer.VocabularySize <= config.Vocabulary
            ? tokenizer
            : throw new InvalidDataException(
                $"The vocabulary in '{files.Source}' has {tokenizer.VocabularySize} tokens, but the encoder has vectors for {config.Vocabulary}. " +
                $"Do both belong to the same model?");
    }

    /// <summary>The length limit that the files name, or <see langword="null"/>.</summary>
    public static int? MaxLength(ModelFiles files, string folder)
    {
        ModelJson? sentence = files.FindJson(SentenceModules.Join(folder, "sentence_bert_config.json"));
        if (sentence?.FindCount("max_seq_length", FewestTokens) is { } limit)
        {
            return limit;
        }
        // "No limit" is written as a number of thirty digits.
        return files.FindJson(SentenceModules.Join(folder, "tokenizer_config.json"))?.FindNumber("model_max_length") is { } model
            && model >= FewestTokens && model <= int.MaxValue
            ? (int)model
            : null;
    }

    public static WordPieceTextTokenizer ReadWordPiece(ModelFiles files, string folder, bool isMpNet)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, "tokenizer_config.json"));
        ModelJson? fast = files.FindJson(SentenceModules.Join(folder, "tokenizer.json"));
        string path = SentenceModules.Join(folder, "vocab.txt");
        (string source, Dictionary<string, int> vocabulary) = files.Find(path) is { } bytes ? ($"{files.Source}/{path}", Lines(bytes))
            : fast is not null ? (fast.Name, Model(fast))
            : throw new FileNotFoundException(
                $"There is no vocab.txt and no tokenizer.json in '{files.Source}'. Save the tokenizer with the model.", path);
        JsonElement? normalizer = Part(fast, "normalizer") is { ValueKind: JsonValueKind.Object } found && Name(found) == "BertNormalizer"
            ? found
            : null;
        bool lower = Flag(settings, "do_lower_case") ?? Flag(normalizer, "lowercase") ?? true;
        var options = new WordPieceTokenizerOptions
        {
            LowerCase = lower,
            StripAccents = Flag(settings, "strip_accents") ?? Flag(normalizer, "strip_accents") ?? lower,
            SplitChinese = Flag(settings, "tokenize_chinese_chars") ?? Flag(normalizer, "handle_chinese_chars") ?? true,
            FirstToken = Token(settings, "cls_token") ?? (isMpNet ? "<s>" : "[CLS]"),
            LastToken = Token(settings, "sep_token") ?? (isMpNet ? "</s>" : "[SEP]"),
            UnknownToken = Token(settings, "unk_token") ?? "[UNK]",
        };
        string?[] special =
        [
            options.FirstToken, options.LastToken, options.UnknownToken, Token(settings, "pad_token") ?? (isMpNet ? "<pad>" : "[PAD]"),
            Token(settings, "mask_token") ?? (isMpNet ? "<mask>" : "[MASK]"), .. AddedTokens(settings),
        ];
        return new WordPieceTextTokenizer(
            source, vocabulary, options with { SpecialTokens = [.. special.OfType<string>().Distinct(StringComparer.Ordinal)] })
        {
            PadId = TextTokenizerReader.PadId(settings, vocabulary),
            TruncatesLeft = TextTokenizerReader.TruncatesLeft(settings),
        };
    }

    /// <summary>A token's id is its line; of a token that stands there twice, the later one.</summary>
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

    private static Dictionary<string, int> Model(ModelJson fast)
    {
        if (Part(fast, "model") is not { ValueKind: JsonValueKind.Object } model || !model.TryGetProperty("vocab", out JsonElement vocab))
        {
            throw new InvalidDataException($"'{fast.Name}' has no model with a vocab.");
        }
        // Older files do not name the kind.
        if (Name(model) is { } kind and not "WordPiece" || vocab.ValueKind != JsonValueKind.Object)
        {
            throw new NotSupportedException($"'{fast.Name}' describes a tokenizer of kind {Name(model)}, and this encoder's is WordPiece.");
        }
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id < 0)
            {
                throw new InvalidDataException(
                    $"'{fast.Name}': the id of token '{token.Name}' is {token.Value}, not a whole number from 0.");
            }
            vocabulary[token.Name] = id;
        }
        return vocabulary;
    }

    private static JsonElement? Part(ModelJson? file, string key) =>
        file is not null && file.Root.TryGetProperty(key, out JsonElement part) ? part : null;

    private static string? Name(JsonElement part) =>
        part.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static bool? Flag(ModelJson? file, string key) => file is not null && file.Has(key) ? file.Flag(key, false) : null;

    private static bool? Flag(JsonElement? part, string key) =>
        part is { } element && element.TryGetProperty(key, out JsonElement value)
            && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : null;

    /// <summary>A token is named by its text, or by an object that holds it.</summary>
    public static string? Token(ModelJson? settings, string key) => Part(settings, key) is not { } token ? null
        : token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content)
            && content.ValueKind == JsonValueKind.String
            ? content.GetString()
        : null;

    private static IEnumerable<string> AddedTokens(ModelJson? settings)
    {
        if (Part(settings, "added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } added)
        {
            yield break;
        }
        foreach (JsonProperty token in added.EnumerateObject())
        {
            if (token.Value.ValueKind == JsonValueKind.Object && token.Value.TryGetProperty("content", out JsonElement content)
                && content.ValueKind == JsonValueKind.String)
            {
                yield return content.GetString()!;
            }
        }
    }
}

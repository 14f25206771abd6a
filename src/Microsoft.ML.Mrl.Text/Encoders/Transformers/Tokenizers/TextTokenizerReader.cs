using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Makes the tokenizer of any encoder from the files that exist. Like Python, it looks for <c>tokenizer.json</c> first.</summary>
internal static class TextTokenizerReader
{
    private const string VocabularyText = "vocab.txt";
    private const string VocabularyJson = "vocab.json";
    private const string Merges = "merges.txt";
    private const string SentencePieceName = "sentencepiece.model";
    private static readonly string[] s_sentencePieces = ["sentencepiece.bpe.model", SentencePieceName, "spiece.model", "tokenizer.model"];

    /// <summary>The names of the files that make a tokenizer, in the order in which they are looked for.</summary>
    public static readonly string[] FileNames = [TokenizerFile.Name, VocabularyText, VocabularyJson, .. s_sentencePieces];

    private static readonly string[] s_beside =
        [TransformerTokenizerReader.Settings, "special_tokens_map.json", "added_tokens.json", Merges];

    /// <summary>Returns the files that a path names: a folder's, or one file and the settings beside it.</summary>
    /// <exception cref="FileNotFoundException">The path does not exist.</exception>
    public static ModelFiles Files(string path)
    {
        if (Directory.Exists(path))
        {
            return ModelFiles.Read(path);
        }
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"There is no tokenizer '{path}'. Give a {TokenizerFile.Name}, a {VocabularyText}, a {VocabularyJson}, a " +
                $"sentencepiece model, or the folder that holds one.",
                path);
        }
        if (Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException(
                $"'{path}' is an ONNX model, not a tokenizer. Give a {TokenizerFile.Name}, a {VocabularyText}, a sentencepiece model, or " +
                "the folder that holds one.");
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        byte[] bytes = ModelFiles.ReadBytes(path);
        string name = Path.GetFileName(path) is var given && (given == VocabularyJson || s_sentencePieces.Contains(given))
            ? given
            : NameOf(bytes, path);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [name] = bytes };
        foreach (string other in s_beside.Where(other => File.Exists(Path.Combine(folder, other))))
        {
            files[other] = ModelFiles.ReadBytes(Path.Combine(folder, other));
        }
        return new ModelFiles(folder, files);
    }

    /// <summary>Returns the file that a stream holds.</summary>
    public static ModelFiles Files(Stream stream)
    {
        byte[] bytes = BoundedFile.Read(stream, "the tokenizer's stream", ModelFiles.MaxFileBytes);
        return new ModelFiles("the stream", new Dictionary<string, byte[]> { [NameOf(bytes, "the tokenizer's stream")] = bytes });
    }

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="folder">The encoder's folder among them, relative.</param>
    /// <param name="modelType">The architecture, where a <c>config.json</c> names it.</param>
    /// <exception cref="FileNotFoundException">There is no vocabulary.</exception>
    /// <exception cref="NotSupportedException">The kind of tokenizer is not supported.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static TextTokenizer Read(ModelFiles files, string folder, string? modelType)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        CheckSettings(settings);
        byte[]? json = files.Find(SentenceModules.Join(folder, TokenizerFile.Name));
        if (json is not null && !(TransformerTokenizerReader.IsWordPiece(files, folder, modelType) && HasWordPieces(files, folder)))
        {
            return ReadWhole(files, folder, json, settings, SentenceConfig.Lowers(files, folder),
                (_, around, _) => around ?? SurroundingTokens.None);
        }
        if (json is not null || files.Find(SentenceModules.Join(folder, VocabularyText)) is not null)
        {
            return TransformerTokenizerReader.ReadWordPiece(files, folder, modelType);
        }
        if (files.Find(SentenceModules.Join(folder, VocabularyJson)) is { } vocabulary)
        {
            return RobertaTokenizerReader.ReadBytePairs(files, folder, vocabulary, settings, SentenceConfig.Lowers(files, folder));
        }
        foreach (string name in s_sentencePieces)
        {
            if (files.Find(SentenceModules.Join(folder, name)) is { } model)
            {
                return RobertaTokenizerReader.ReadSentencePieces(files, folder, name, model, modelType, vocabulary: null);
            }
        }
        throw new FileNotFoundException(
            $"There is no tokenizer in '{files.Source}': no {TokenizerFile.Name}, {VocabularyText}, {VocabularyJson} or " +
            $"{SentencePieceName}. " +
            "Save the tokenizer beside the model, or give its path.",
            SentenceModules.Join(folder, TokenizerFile.Name));
    }

    /// <summary>Returns the tokenizer that a <c>tokenizer.json</c> describes, with the tokens that the settings beside it add.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="folder">The encoder's folder among them.</param>
    /// <param name="json">The <c>tokenizer.json</c>.</param>
    /// <param name="settings">The settings beside it.</param>
    /// <param name="lowers">Whether texts are converted to lower case first.</param>
    /// <param name="around">
    /// Gives the tokens around a text, from the tokenizer, what the file says of them, and its name for messages.
    /// </param>
    public static JsonTextTokenizer ReadWhole(ModelFiles files, string folder, byte[] json, ModelJson? settings, bool lowers,
        Func<JsonTokenizer, SurroundingTokens?, string, SurroundingTokens> around)
    {
        string source = $"{files.Source}/{SentenceModules.Join(folder, TokenizerFile.Name)}";
        (JsonTokenizer tokenizer, SurroundingTokens? given) = TokenizerFile.ParseWhole(json, source, More(files, folder));
        return Make(tokenizer, around(tokenizer, given, source), source, settings, lowers, json);
    }

    /// <summary>Makes a tokenizer according to its settings.</summary>
    /// <param name="tokenizer">Finds the text's own tokens.</param>
    /// <param name="around">The tokens around them.</param>
    /// <param name="source">The vocabulary's name, for messages.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="lowers">Whether texts are converted to lower case first.</param>
    /// <param name="json">The <c>tokenizer.json</c> that it was made of, or <see langword="null"/> for other files.</param>
    public static JsonTextTokenizer Make(
        JsonTokenizer tokenizer, SurroundingTokens around, string source, ModelJson? settings, bool lowers, byte[]? json = null) =>
        new(lowers ? tokenizer.Lowered() : tokenizer, around, source)
        {
            PadId = PadId(settings, tokenizer.Vocabulary),
            TruncatesLeft = TruncatesLeft(settings, tokenizer.KeepsLast),
            Json = json,
        };

    /// <summary>Returns the tokens that other files add to those of a <c>tokenizer.json</c>.</summary>
    public static List<AddedToken> More(ModelFiles files, string folder) =>
        AddedTokensReader.Read(files, folder, new Dictionary<string, AddedToken>());

    /// <summary>Throws an exception for settings that change tokens and are not supported.</summary>
    /// <exception cref="NotSupportedException">A setting is not supported.</exception>
    public static void CheckSettings(ModelJson? settings)
    {
        if (settings?.Flag("split_special_tokens", false) ?? false)
        {
            throw new NotSupportedException(
                $"'{settings.Name}': split_special_tokens is true, which is not supported. Special tokens in texts are always found.");
        }
    }

    private static bool HasWordPieces(ModelFiles files, string folder) =>
        TransformerTokenizerReader.Part(files.FindJson(SentenceModules.Join(folder, TokenizerFile.Name)), "model")
            is { ValueKind: JsonValueKind.Object } model
        && (model.TryGetProperty("type", out JsonElement type)
            ? type.ValueKind == JsonValueKind.String && type.GetString() == "WordPiece"
            : !model.TryGetProperty("merges", out _)
                && model.TryGetProperty("vocab", out JsonElement vocab) && vocab.ValueKind == JsonValueKind.Object);

    /// <summary>Returns the id of the padding token, or 0.</summary>
    public static int PadId(ModelJson? settings, IReadOnlyDictionary<string, int> vocabulary)
    {
        foreach (string? name in new[] { TransformerTokenizerReader.Token(settings, "pad_token"), "[PAD]", "<pad>", "<|endoftext|>" })
        {
            if (name is not null && vocabulary.TryGetValue(name, out int id))
            {
                return id;
            }
        }
        return 0;
    }

    /// <summary>Determines whether a text that is too long loses its first tokens.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="otherwise">What counts where they do not say.</param>
    /// <exception cref="NotSupportedException">The side is neither left nor right.</exception>
    public static bool TruncatesLeft(ModelJson? settings, bool otherwise = false) => settings?.FindText("truncation_side") switch
    {
        null => otherwise,
        "left" => true,
        "right" => false,
        var other => throw new NotSupportedException($"'{settings.Name}': truncation_side is '{other}'. Known are left and right."),
    };

    /// <summary>Returns the usual name of a file according to its content: JSON, lines of text, or a sentencepiece model.</summary>
    private static string NameOf(byte[] bytes, string source)
    {
        ReadOnlySpan<byte> text = bytes.AsSpan();
        text = text.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? text[3..] : text;
        ReadOnlySpan<byte> start = text.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
        {
            throw new InvalidDataException($"{source} is empty. Give a {TokenizerFile.Name}, a {VocabularyText} or a sentencepiece model.");
        }
        if (start[0] == '{')
        {
            JsonElement root = StrictJson.Parse(source, bytes);
            return root.TryGetProperty("model", out JsonElement model) && model.ValueKind == JsonValueKind.Object
                ? TokenizerFile.Name
                : throw new InvalidDataException(
                    $"'{source}' is JSON, but not a {TokenizerFile.Name}: it has no model. Give the tokenizer of the encoder, not its " +
                    $"configuration.");
        }
        // A sentencepiece model begins with a piece: field 1, a message.
        if (start[0] == 0x0A || text[0] == 0x0A || bytes.AsSpan().Contains((byte)0))
        {
            return SentencePieceName;
        }
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            return VocabularyText;
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException(
                $"'{source}' is not a tokenizer: it is neither JSON, nor lines of UTF-8 text, nor a sentencepiece model.", e);
        }
    }
}

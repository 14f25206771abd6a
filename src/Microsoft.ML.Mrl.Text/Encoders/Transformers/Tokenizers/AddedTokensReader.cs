using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>
/// Finds the tokens that a model's files add to its vocabulary, as the library transformers does: those of <c>added_tokens_decoder</c> in
/// <c>tokenizer_config.json</c>; without it those of <c>added_tokens.json</c> and <c>tokenizer.json</c>. Then the special tokens that the
/// settings name.
/// </summary>
internal static class AddedTokensReader
{
    private const string Decoder = "added_tokens_decoder";

    private static readonly string[] s_named =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] s_lists = ["additional_special_tokens", "extra_special_tokens"];

    /// <summary>Returns the tokens in the order in which they are added; of several of the same characters the last one counts.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="folder">The encoder's folder among them.</param>
    /// <param name="usual">The special tokens that the tokenizer has where the settings name none, by their keys.</param>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static List<AddedToken> Read(ModelFiles files, string folder, IReadOnlyDictionary<string, AddedToken> usual)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        var added = new List<AddedToken>();
        bool hasDecoder = TransformerTokenizerReader.Part(settings, Decoder) is { ValueKind: JsonValueKind.Object };
        if (hasDecoder)
        {
            added.AddRange(OfDecoder(settings!));
        }
        else
        {
            HashSet<string> special = [.. Named(files, folder, usual).Select(t => t.Content)];
            added.AddRange(OfAddedTokens(files, folder, special));
            if (files.FindJson(SentenceModules.Join(folder, TokenizerFile.Name)) is { } fast)
            {
                added.AddRange(Checked(fast.Name, () => TokenizerFile.AddedTokens(fast.Root)));
            }
        }
        foreach (AddedToken token in Named(files, folder, usual))
        {
            if (!added.Exists(t => t.Content == token.Content))
            {
                added.Add(token);
            }
        }
        return added;
    }

    /// <summary>
    /// Returns the text of a special token: that of the settings, or of <c>special_tokens_map.json</c>, which has precedence if they
    /// describe no added tokens.
    /// </summary>
    public static string? Name(ModelFiles files, string folder, string key)
    {
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        ModelJson? map = settings?.Has(Decoder) == true ? null : files.FindJson(SentenceModules.Join(folder, "special_tokens_map.json"));
        return TransformerTokenizerReader.Token(map, key) ?? TransformerTokenizerReader.Token(settings, key);
    }

    private static IEnumerable<AddedToken> Named(ModelFiles files, string folder, IReadOnlyDictionary<string, AddedToken> usual)
    {
        foreach (string key in s_named)
        {
            if (Name(files, folder, key) is { } name)
            {
                yield return usual.TryGetValue(key, out AddedToken? form) ? form with { Content = name } : AddedToken.Special(name);
            }
            else if (usual.TryGetValue(key, out AddedToken? form))
            {
                yield return form;
            }
        }
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        foreach (string key in s_lists)
        {
            if (TransformerTokenizerReader.Part(settings, key) is { ValueKind: JsonValueKind.Array } list)
            {
                foreach (JsonElement token in list.EnumerateArray())
                {
                    if (TransformerTokenizerReader.Text(token) is { Length: > 0 } name)
                    {
                        yield return AddedToken.Special(name);
                    }
                }
            }
        }
    }

    private static List<AddedToken> OfDecoder(ModelJson settings) => Checked(settings.Name, () =>
        settings.Root.GetProperty(Decoder).EnumerateObject()
            .Select(token => AddedToken.Read(token.Value, int.Parse(token.Name, System.Globalization.CultureInfo.InvariantCulture)))
            .OrderBy(token => token.Id).ToList());

    private static IEnumerable<AddedToken> OfAddedTokens(ModelFiles files, string folder, HashSet<string> special)
    {
        if (files.FindJson(SentenceModules.Join(folder, "added_tokens.json")) is not { } extra)
        {
            return [];
        }
        return Checked(extra.Name, () => extra.Root.EnumerateObject().Select(token => AddedToken.Special(token.Name) with
        {
            Id = token.Value.GetInt32() is >= 0 and <= TokenVocabulary.MaxId and var id
                ? id
                : throw new FormatException($"the id of token '{token.Name}' is {token.Value}, not a whole number from 0"),
            IsNormalized = !special.Contains(token.Name),
        }).OrderBy(token => token.Id).ToList());
    }

    private static List<AddedToken> Checked(string name, Func<List<AddedToken>> read)
    {
        try
        {
            List<AddedToken> tokens = read();
            tokens.ForEach(token => TokenVocabulary.CheckLength(token.Content, name));
            return tokens;
        }
        catch (Exception e) when (
            e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"'{name}' describes an added token wrongly: {e.Message}", e);
        }
    }
}

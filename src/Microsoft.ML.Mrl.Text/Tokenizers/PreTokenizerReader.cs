using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Makes the pre-tokenizers that a <c>tokenizer.json</c> describes.</summary>
internal static class PreTokenizerReader
{
    /// <exception cref="NotSupportedException">One is of a kind that is not known.</exception>
    public static IReadOnlyList<PreTokenizer> Read(JsonElement? part, string path)
    {
        var steps = new List<PreTokenizer>();
        var rules = WordSplitter.Rules.None;
        foreach (JsonElement step in part is { } found ? Flat(found) : [])
        {
            if (Rules(step) is { } rule)
            {
                // Rules that look at one character each hold together.
                rules |= rule;
                continue;
            }
            AddRules();
            steps.Add(Step(step, path));
        }
        AddRules();
        return steps;

        void AddRules()
        {
            if (rules != WordSplitter.Rules.None)
            {
                steps.Add(new CharacterKindPreTokenizer(new WordSplitter(rules)));
                rules = WordSplitter.Rules.None;
            }
        }
    }

    private static IEnumerable<JsonElement> Flat(JsonElement step) =>
        JsonParts.Text(step, "type") == "Sequence" ? step.GetProperty("pretokenizers").EnumerateArray().SelectMany(Flat) : [step];

    private static WordSplitter.Rules? Rules(JsonElement step) => JsonParts.Text(step, "type") switch
    {
        "BertPreTokenizer" => WordSplitter.Rules.DropsWhiteSpace | WordSplitter.Rules.PartsPunctuation,
        "Whitespace" => WordSplitter.Rules.DropsWhiteSpace | WordSplitter.Rules.PartsWordsFromSymbols,
        "WhitespaceSplit" => WordSplitter.Rules.DropsWhiteSpace,
        "Punctuation" when (JsonParts.Text(step, "behavior") ?? "Isolated") == "Isolated" => WordSplitter.Rules.PartsPunctuation,
        "Digits" => JsonParts.Flag(step, "individual_digits") ? WordSplitter.Rules.PartsDigits : WordSplitter.Rules.PartsNumbers,
        _ => null,
    };

    private static PreTokenizer Step(JsonElement step, string path) => JsonParts.Text(step, "type") switch
    {
        "ByteLevel" => new ByteLevelPreTokenizer(
            JsonParts.Flag(step, "add_prefix_space", otherwise: true), JsonParts.Flag(step, "use_regex", otherwise: true)),
        "Metaspace" => Metaspace(step, path),
        "Split" => new SplitPreTokenizer(Pattern(step.GetProperty("pattern"), path), Behavior(step), JsonParts.Flag(step, "invert")),
        var type => throw new NotSupportedException(
            $"'{path}' has a {type} pre-tokenizer, which is not supported. Known are BertPreTokenizer, Whitespace, WhitespaceSplit, " +
                $"Punctuation (isolated), Digits, ByteLevel, Metaspace, Split and Sequence."),
    };

    private static MetaspacePreTokenizer Metaspace(JsonElement step, string path)
    {
        string mark = JsonParts.Text(step, "replacement") ?? "\u2581";
        if (mark.Length != 1)
        {
            throw new InvalidDataException($"'{path}': a Metaspace pre-tokenizer writes '{mark}' for spaces, not one character.");
        }
        MetaspacePreTokenizer.Prefix prefix = JsonParts.Text(step, "prepend_scheme") switch
        {
            "always" => MetaspacePreTokenizer.Prefix.Always,
            "first" => MetaspacePreTokenizer.Prefix.AtTheStart,
            "never" => MetaspacePreTokenizer.Prefix.Never,
            null => JsonParts.Flag(step, "add_prefix_space", otherwise: true)
                ? MetaspacePreTokenizer.Prefix.Always
                : MetaspacePreTokenizer.Prefix.Never,
            var other =>
                throw new NotSupportedException(
                $"'{path}': a Metaspace pre-tokenizer's prepend_scheme is '{other}'. Known are always, first and never."),
        };
        return new MetaspacePreTokenizer(mark[0], prefix, JsonParts.Flag(step, "split", otherwise: true));
    }

    private static SplitPreTokenizer.Behavior Behavior(JsonElement step) =>
        Enum.TryParse(JsonParts.Text(step, "behavior"), out SplitPreTokenizer.Behavior behavior) && Enum.IsDefined(behavior)
            ? behavior
            : throw new FormatException("A Split pre-tokenizer has no known behavior.");

    private static LimitedExpression Pattern(JsonElement pattern, string path)
    {
        string text = JsonParts.Text(pattern, "Regex") ?? Regex.Escape(
            JsonParts.Text(pattern, "String") ?? throw new FormatException("A Split pre-tokenizer has no pattern."));
        try
        {
            return new LimitedExpression(text, path);
        }
        catch (RegexParseException e)
        {
            throw new NotSupportedException(
                $"'{path}' cuts words with the expression {text}, which .NET does not understand: {e.Message}", e);
        }
    }
}

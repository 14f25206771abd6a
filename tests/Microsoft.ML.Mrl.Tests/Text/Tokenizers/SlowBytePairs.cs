using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>GPT-2's tokenizer by plain loops: the lowest-ranked pair of a list of strings is merged again and again.</summary>
internal sealed partial class SlowBytePairs
{
    private readonly Dictionary<(string, string), int> _ranks = [];

    private SlowBytePairs(List<(string, string)> merges, Dictionary<string, int> vocabulary)
    {
        Merges = merges;
        Vocabulary = vocabulary;
        for (int i = 0; i < merges.Count; i++)
        {
            _ranks[merges[i]] = i;
        }
    }

    public List<(string Left, string Right)> Merges { get; }

    public Dictionary<string, int> Vocabulary { get; }

    /// <summary>Learns merges from a text, the most frequent pair first (Sennrich et al. 2016); ids begin with RoBERTa's special tokens and
    /// the 256 bytes.</summary>
    public static SlowBytePairs Learn(string text, int merges)
    {
        string[] special = ["<s>", "<pad>", "</s>", "<unk>"];
        Dictionary<string, int> vocabulary = special.Concat(Enumerable.Range(0, 256).Select(b => Letter((byte)b)))
            .Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id);
        List<List<string>> words = [.. Words(text, addsPrefixSpace: false)];
        var learned = new List<(string, string)>();
        while (learned.Count < merges)
        {
            (string, string) best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key.ToString(), StringComparer.Ordinal).First().Key;
            learned.Add(best);
            vocabulary.TryAdd(best.Item1 + best.Item2, vocabulary.Count);
            words.ForEach(w => MergeAll(w, best));
        }
        vocabulary["<mask>"] = vocabulary.Count;
        return new SlowBytePairs(learned, vocabulary);
    }

    public int[] Ids(string text, bool addsPrefixSpace = false) =>
        [.. Words(text, addsPrefixSpace).SelectMany(Tokens).Select(t => Vocabulary[t])];

    public string Json(bool addsPrefixSpace = false, bool listsPairs = false) => new JsonObject
    {
        ["added_tokens"] = new JsonArray([.. new[] { "<s>", "<pad>", "</s>", "<unk>", "<mask>" }.Select(t => (JsonNode)new JsonObject
        {
            ["id"] = Vocabulary[t], ["content"] = t, ["single_word"] = false, ["lstrip"] = t == "<mask>", ["rstrip"] = false,
            ["normalized"] = false, ["special"] = true,
        })]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = addsPrefixSpace, ["trim_offsets"] = true },
        ["post_processor"] = JsonNode.Parse(
            """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":false}"""),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = "", ["end_of_word_suffix"] = "",
            ["fuse_unk"] = false,
            ["vocab"] = new JsonObject(Vocabulary.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))),
            ["merges"] = new JsonArray(
                [.. Merges.Select(m => listsPairs ? new JsonArray(m.Left, m.Right) : (JsonNode)$"{m.Left} {m.Right}")]),
        },
    }.ToJsonString();

    private static IEnumerable<List<string>> Words(string text, bool addsPrefixSpace)
    {
        if (text.Length == 0)
        {
            yield break;
        }
        text = addsPrefixSpace && text[0] != ' ' ? " " + text : text;
        // An expression sees UTF-16: characters beyond the Basic Multilingual Plane are matched in the shape of one of their own kind that
        // it knows.
        var runes = text.EnumerateRunes().ToArray();
        string shape = string.Concat(runes.Select(c => c.IsBmp ? (char)c.Value : Rune.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter => '\u3400',
            UnicodeCategory.DecimalDigitNumber => '\u0660',
            _ => '\u2603',
        }));
        foreach (Match match in Gpt2().Matches(shape))
        {
            string word = string.Concat(runes.Skip(match.Index).Take(match.Length).Select(c => c.ToString()));
            yield return [.. Encoding.UTF8.GetBytes(word).Select(Letter)];
        }
    }

    private static string Letter(byte value)
    {
        int[] seen = [
            .. Enumerable.Range('!', '~' - '!' + 1), .. Enumerable.Range(0xA1, 0xAC - 0xA1 + 1),
            .. Enumerable.Range(0xAE, 0xFF - 0xAE + 1)];
        return seen.Contains(value) ? ((char)value).ToString() : ((char)(256 + Enumerable.Range(0, value).Count(v => !seen.Contains(v))))
            .ToString();
    }

    private List<string> Tokens(List<string> word)
    {
        while (word.Count > 1)
        {
            int best = Enumerable.Range(0, word.Count - 1).MinBy(i => _ranks.GetValueOrDefault((word[i], word[i + 1]), int.MaxValue));
            if (!_ranks.ContainsKey((word[best], word[best + 1])))
            {
                break;
            }
            word[best] += word[best + 1];
            word.RemoveAt(best + 1);
        }
        return word;
    }

    private static void MergeAll(List<string> word, (string Left, string Right) pair)
    {
        for (int i = 0; i + 1 < word.Count; i++)
        {
            if ((word[i], word[i + 1]) == pair)
            {
                word[i] += word[i + 1];
                word.RemoveAt(i + 1);
            }
        }
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Gpt2();
}

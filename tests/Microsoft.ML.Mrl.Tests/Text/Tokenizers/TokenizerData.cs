using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Kind = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Types.Piece.Types.Kind;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>Small models and the ids that the libraries of their formats give with them.</summary>
internal static class TokenizerData
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/Microsoft.ML.Mrl.Tests/Text/Tokenizers/Data");

    /// <summary>A sentencepiece model's file; <c>bpe_unused</c> is <c>bpe</c> with every third piece of several characters
    /// unused.</summary>
    public static byte[] Model(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, (name == "bpe_unused" ? "bpe" : name) + ".model"));
        if (name != "bpe_unused")
        {
            return bytes;
        }
        SentencePieceModel model = SentencePieceModel.Parser.ParseFrom(bytes);
        for (int i = 0; i < model.Pieces.Count; i += 3)
        {
            if (model.Pieces[i].Kind == Kind.Normal && model.Pieces[i].Text.EnumerateRunes().Count() > 1)
            {
                model.Pieces[i].Kind = Kind.Unused;
            }
        }
        return model.ToByteArray();
    }

    public static JsonTokenizer SentencePiece(string name) => SentencePieceFile.Parse(Model(name), name, offset: 0, unknownId: 0, []);

    /// <summary>A <c>tokenizer.json</c>; <c>wordpiece_cased</c> is <c>wordpiece</c> without lower case.</summary>
    public static string Text(string name) => name == "wordpiece_cased"
        ? Text("wordpiece").Replace("\"lowercase\":true", "\"lowercase\":false", StringComparison.Ordinal)
        : File.ReadAllText(Path.Combine(Folder, name + ".tokenizer.json"));

    public static JsonTokenizer Json(string name) => TokenizerFile.Parse(Encoding.UTF8.GetBytes(Text(name)), name);

    /// <summary>The texts and a library's ids.</summary>
    /// <param name="library"><c>sentencepiece</c> or <c>tokenizers</c>.</param>
    /// <param name="name">The model.</param>
    public static (string Text, int[] Ids)[] Golden(string library, string name) =>
        [.. File.ReadLines(Path.Combine(Folder, library + ".golden.jsonl")).Select(line =>
    {
        using var golden = JsonDocument.Parse(line);
        return (golden.RootElement.GetProperty("text").GetString()!, golden.RootElement.GetProperty(name).EnumerateArray()
            .Select(id => id.GetInt32()).ToArray());
    })];
}

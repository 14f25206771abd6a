using System.Text.Json;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>Parity with sentence-transformers and model2vec, from values that a script of the project made with both. They lie in the
/// folder Golden.</summary>
public class GoldenEncoderTests
{
    [Fact]
    public void StaticEmbedding_GivesTheTokensAndEmbeddingsOfSentenceTransformers()
    {
        (StaticTextEncoder encoder, JsonElement golden) = Load("static-embedding");
        string[] texts = Texts(golden);

        Assert.False(encoder.IsNormalized);
        Assert.Equal(32, encoder.Dimensions);
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(golden.GetProperty("input_ids")[i].EnumerateArray().Select(id => id.GetInt32()), Rows(encoder, texts[i]));
        }
        AssertNear(golden.GetProperty("sentence_embedding"), encoder, texts);
    }

    [Fact]
    public void Model2Vec_GivesTheTokensAndEmbeddingsOfModel2Vec()
    {
        (StaticTextEncoder encoder, JsonElement golden) = Load("model2vec-mini");
        string[] texts = Texts(golden);

        Assert.True(encoder.IsNormalized);
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(golden.GetProperty("input_ids")[i].EnumerateArray().Select(id => id.GetInt32()), Rows(encoder, texts[i]));
        }
        AssertNear(golden.GetProperty("embedding"), encoder, texts);
    }

    [Fact]
    public void BertTokenizer_FindsSpecialTokensInsideATextAsHuggingFaceDoes()
    {
        string folder = Path.GetDirectoryName(Repository.Golden("bert-mini", "tokenizer.json"))!;
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json")));
        JsonElement special = golden.RootElement.GetProperty("special_tokens_inside_text");
        JsonTokenizer tokenizer = TokenizerFile.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")), "tokenizer.json");

        int[] expected = [.. special.GetProperty("ids_when_recognised_as_huggingface_does").EnumerateArray().Select(id => id.GetInt32())];

        Assert.Equal(expected[1..^1], StaticEncoders.Ids(tokenizer, special.GetProperty("text").GetString()!, tokenizer.UnknownId));
    }

    [Fact]
    public void RealModel2VecFolder_HasAVectorForEveryToken()
    {
        string folder = Path.GetDirectoryName(Repository.SharedOrSkip("data/words/model2vec-fixture/tokenizer.json"))!;
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        SafetensorsTensor tensor = file.Find("embeddings", 29_528, 2);
        var encoder = new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")),
            Dimensions = 2,
            Table = file.ReadSingles(tensor),
            SkipsUnknown = true,
        });

        Assert.Equal(29_528, encoder.VocabularySize);
        Assert.Equal(["hello", "world", "!"], StaticEncoders.Tokens(encoder.Tokenizer, "Hello, world!").Where(t => t != ","));
    }

    private static (StaticTextEncoder Encoder, JsonElement Golden) Load(string name)
    {
        string path = Repository.Golden(name, "golden.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return ((StaticTextEncoder)TextEncoder.Load(Path.GetDirectoryName(path)!), document.RootElement.Clone());
    }

    private static string[] Texts(JsonElement golden) => [.. golden.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];

    private static int[] Rows(StaticTextEncoder encoder, string text)
    {
        var bag = new TokenBag();
        encoder.Tokenize(text, bag);
        return bag.Rows.ToArray();
    }

    private static void AssertNear(JsonElement expected, StaticTextEncoder encoder, string[] texts)
    {
        var got = new float[texts.Length * encoder.Dimensions];
        encoder.Encode(texts, got, cancellationToken: TestContext.Current.CancellationToken);
        double[] want = GoldenLosses.Numbers(expected);
        Assert.Equal(want.Length, got.Length);
        for (int i = 0; i < want.Length; i++)
        {
            Assert.Equal(want[i], got[i], 1e-5);
        }
    }
}

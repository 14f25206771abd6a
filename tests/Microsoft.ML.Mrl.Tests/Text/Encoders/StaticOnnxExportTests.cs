using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>The ONNX model of a static encoder against <see cref="TextEncoder.Encode(string, string?)"/>.</summary>
public sealed class StaticOnnxExportTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] s_words = ["cat", "dog", "a", "the", "runs", "sleeps", "house", "tree"];

    private readonly TemporaryFolder _folder = new();

    private double _worst;

    public void Dispose()
    {
        output.WriteLine($"from Encode at most {_worst:E2}");
        _folder.Dispose();
    }

    public static TheoryData<string, bool, int?> Encoders => new(
        from kind in new[] { "skips", "counts", "weights", "mapping", "buckets" }
        from isNormalized in new[] { false, true }
        from cut in new int?[] { null, 5 }
        select (kind, isNormalized, cut));

    [Theory]
    [MemberData(nameof(Encoders))]
    public void ExportToOnnx_TextsOfAnyLength_GivesWhatEncodeGives(string kind, bool isNormalized, int? cut)
    {
        TextEncoder whole = Random(kind, isNormalized);
        var encoder = (StaticTextEncoder)(cut is { } width ? whole.WithDimensions(width) : whole);
        bool hashes = encoder.Buckets > 0;
        string[] texts = Texts(64, unknown: !hashes);

        encoder.ExportToOnnx(_folder["m"]);

        Assert.Equal(encoder.Content.TokenizerJson, File.ReadAllBytes(_folder["m/tokenizer.json"]));
        using var session = new InferenceSession(_folder["m/onnx/model.onnx"]);
        Assert.Equal(["input_ids", "attention_mask"], session.InputNames);
        Assert.Equal(["sentence_embedding"], session.OutputNames);
        Assert.Equal([-1, encoder.Dimensions], session.OutputMetadata["sentence_embedding"].Dimensions);
        Assert.Equal(encoder.Fingerprint, session.ModelMetadata.CustomMetadataMap["mrl.encoder_fingerprint"]);
        Assert.Equal(hashes, session.ModelMetadata.CustomMetadataMap.ContainsKey("mrl.buckets_left_out"));
        AssertNear(encoder, texts, Run(session, encoder, texts));
        foreach (string text in texts)
        {
            AssertNear(encoder, [text], Run(session, encoder, [text]));
        }
    }

    [Theory]
    [InlineData("static-embedding", "0_StaticEmbedding/")]
    [InlineData("model2vec-mini", "")]
    public void ExportToOnnx_GoldenTexts_GivesTheReferences(string name, string module)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        var encoder = (StaticTextEncoder)TextEncoder.Load(golden.Folder);

        encoder.ExportToOnnx(_folder["m"]);

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(golden.Folder, module, "tokenizer.json")), File.ReadAllBytes(_folder["m/tokenizer.json"]));
        using var session = new InferenceSession(_folder["m/onnx/model.onnx"]);
        float[] actual = Run(session, golden.Ids, encoder.Dimensions);
        double gap = GoldenEncoder.Gap(golden.Numbers(module.Length > 0 ? "sentence_embedding" : "embedding"), actual);
        AssertNear(encoder, golden.Texts, actual);
        output.WriteLine($"{name}: {gap:E2} from the reference");
        // As near as Encode is held to: the reference adds up in an order of its own.
        Assert.InRange(gap, 0, 1e-5);
    }

    [Fact]
    public void ExportToOnnx_EmptyTexts_AreZeros()
    {
        foreach (bool isNormalized in new[] { false, true })
        {
            TextEncoder encoder = Random("skips", isNormalized);
            encoder.ExportToOnnx(_folder["m"]);
            using var session = new InferenceSession(_folder["m/onnx/model.onnx"]);

            // All of the mask is 0, among others and alone; no token at all.
            float[] among = Run(session, [[1, 2], []], 12);
            Assert.Equal(new float[12], among[12..]);
            Assert.Contains(among[..12], v => v != 0);
            Assert.Equal(new float[12], Run(session, [[]], 12, length: 3));
            Assert.Equal(new float[12], Run(session, [[]], 12, length: 0));
            // Nothing but the token of unknown words.
            Assert.Equal(new float[12], Run(session, [[0, 0]], 12));
            Assert.Equal(new float[12], encoder.Encode(""));
        }
    }

    [Fact]
    public void ExportToOnnx_UnknownWords_ArePassedOverCountedOrLeftOut()
    {
        foreach ((string kind, string same) in new[] { ("skips", "cat dog"), ("counts", "cat zebra dog"), ("buckets", "cat dog") })
        {
            StaticTextEncoder encoder = Random(kind, isNormalized: false);
            encoder.ExportToOnnx(_folder["m"]);
            using var session = new InferenceSession(_folder["m/onnx/model.onnx"]);

            // cat, an unknown word, dog.
            float[] actual = Run(session, [[1, 0, 2]], 12);

            Assert.InRange(GoldenEncoder.Gap(encoder.Encode(same), actual), 0, 1e-6);
            if (kind == "buckets")
            {
                Assert.True(GoldenEncoder.Gap(encoder.Encode("cat zebra dog"), actual) > 0.01);
            }
        }
    }

    [Fact]
    public void ExportToOnnx_Twice_GivesTheSameBytes_AndACutOneIsSmaller()
    {
        StaticTextEncoder encoder = Random("weights", isNormalized: false);
        encoder.ExportToOnnx(_folder["one"]);
        encoder.ExportToOnnx(_folder["two"]);
        encoder.WithDimensions(5).ExportToOnnx(_folder["cut"]);

        Assert.Equal(File.ReadAllBytes(_folder["one/onnx/model.onnx"]), File.ReadAllBytes(_folder["two/onnx/model.onnx"]));
        Assert.True(new FileInfo(_folder["cut/onnx/model.onnx"]).Length + 4 * 7 * 9 <= new FileInfo(_folder["one/onnx/model.onnx"]).Length);
        Assert.Throws<ArgumentException>(() => encoder.ExportToOnnx(""));
    }

    [Fact]
    public void AppendToOnnx_HeadBehindAStaticEncoder_MapsItsEmbeddings()
    {
        StaticTextEncoder encoder = Random("skips", isNormalized: true);
        var random = new Random(2);
        var head = new LinearHead([.. Enumerable.Range(0, 12 * 4).Select(_ => random.NextSingle() - 0.5f)], [0.1f, 0.2f, 0.3f, 0.4f], [4]);
        encoder.ExportToOnnx(_folder["m"]);

        new MLContext().Mrl().AppendToOnnx(_folder["m/onnx/model.onnx"], head, _folder["whole.onnx"]);

        using var session = new InferenceSession(_folder["whole.onnx"]);
        var expected = new float[4];
        head.ApplyMany(encoder.Encode("cat dog"), expected);
        double length = Math.Sqrt(expected.Sum(v => (double)v * v));
        Assert.InRange(
            GoldenEncoder.Gap([.. expected.Select(v => (float)(v / length))], Run(session, [[1, 2]], 4, name: "mrl_embedding")), 0, 1e-6);
    }

    private void AssertNear(TextEncoder encoder, string[] texts, float[] actual)
    {
        var expected = new float[texts.Length * encoder.Dimensions];
        encoder.Encode(texts, expected);
        // Of values above 1 a share: a text of 99 equal tokens, whose roundings all go one way, has 2.4e-6 of 2.5.
        double gap = GoldenEncoder.Gap(expected, actual) / Math.Max(1, expected.Max(Math.Abs));
        _worst = Math.Max(_worst, gap);
        Assert.InRange(gap, 0, 1e-6);
    }

    private static float[] Run(InferenceSession session, StaticTextEncoder encoder, string[] texts) =>
        Run(session, [.. texts.Select(text => StaticEncoders.Ids(encoder.Tokenizer, text, encoder.Tokenizer.UnknownId))],
            encoder.Dimensions);

    private static float[] Run(InferenceSession session, int[][] rows, int width, int? length = null, string name = "sentence_embedding")
    {
        int longest = length ?? rows.Max(row => row.Length);
        var ids = new long[rows.Length * longest];
        var mask = new long[ids.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int t = 0; t < longest; t++)
            {
                (ids[i * longest + t], mask[i * longest + t]) = t < rows[i].Length ? (rows[i][t], 1) : (3, 0);
            }
        }
        using OrtValue idValue = OrtValue.CreateTensorValueFromMemory(ids, [rows.Length, longest]);
        using OrtValue maskValue = OrtValue.CreateTensorValueFromMemory(mask, [rows.Length, longest]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            options, ["input_ids", "attention_mask"], [idValue, maskValue], [name]);
        Assert.Equal([rows.Length, width], results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>An encoder of nine tokens and twelve values, by chance.</summary>
    private static StaticTextEncoder Random(string kind, bool isNormalized)
    {
        var random = new Random(6);
        int rows = kind == "mapping" ? 4 : 1 + s_words.Length;
        int buckets = kind == "buckets" ? 5 : 0;
        return new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = WordTokenizerFile.Write([WordTokenizerFile.UnknownToken, .. s_words], lowerCase: true),
            Dimensions = 12,
            Table = [.. Enumerable.Range(0, (rows + buckets) * 12).Select(_ => random.NextSingle() - 0.5f)],
            TokenWeights = kind is "weights" or "mapping"
                ? [.. Enumerable.Range(0, 1 + s_words.Length).Select(_ => 0.5f + random.NextSingle())] : null,
            Mapping = kind == "mapping" ? [.. Enumerable.Range(0, 1 + s_words.Length).Select(i => i % 4)] : null,
            Subwords = buckets > 0 ? new SubwordHashing(buckets, 2, 4) : null,
            SkipsUnknown = kind != "counts",
            IsNormalized = isNormalized,
            TrainedDimensions = [3, 5, 12],
        });
    }

    /// <summary>Texts of 0 to 60 words.</summary>
    private static string[] Texts(int count, bool unknown)
    {
        var random = new Random(8);
        return [.. Enumerable.Range(0, count)
            .Select(i =>
                string.Join(
                    ' ', Enumerable.Range(0, i % 5 == 0 ? 0 : random.Next(60))
                    .Select(_ => unknown && random.Next(5) == 0 ? "zebra" : s_words[random.Next(s_words.Length)])))];
    }
}

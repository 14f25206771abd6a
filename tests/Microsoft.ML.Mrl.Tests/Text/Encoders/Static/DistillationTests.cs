using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

public sealed class DistillationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Distill_AllDimensions_KeepsTheDistancesOfTheTeachersTokens()
    {
        TransformerTextEncoder teacher = Teacher();

        StaticTextEncoder encoder = StaticTextEncoder.Distill(
            teacher, RandomModel.Hidden, cancellationToken: TestContext.Current.CancellationToken);

        AssertDistances(teacher, encoder, Weights(Order(encoder.VocabularySize)));
        Assert.All(
            new[] { 2, 3, 4, 5 },
            special => Assert.All(encoder.Content.Table[(special * 12)..(special * 12 + 12)], v => Assert.Equal(0, v)));
        Assert.Equal((40, true), (encoder.VocabularySize, encoder.IsNormalized));
    }

    [Fact]
    public void Distill_FewerDimensions_AreTheFirstOfAll()
    {
        TransformerTextEncoder teacher = Teacher();
        StaticTextEncoder all = StaticTextEncoder.Distill(teacher, 12, cancellationToken: TestContext.Current.CancellationToken);
        StaticTextEncoder few = StaticTextEncoder.Distill(teacher, 3, cancellationToken: TestContext.Current.CancellationToken);

        for (int id = 0; id < 40; id++)
        {
            Assert.Equal(all.Content.Table[(id * 12)..(id * 12 + 3)], few.Content.Table[(id * 3)..(id * 3 + 3)]);
        }
    }

    [Fact]
    public void Distill_WithACorpus_GivesItsWordsVectorsOfTheirOwn()
    {
        TransformerTextEncoder teacher = Teacher();
        string[] corpus = ["abc a abc", "Abc b bca", "bca, z"];

        StaticTextEncoder encoder = StaticTextEncoder.Distill(teacher, 12, corpus, TestContext.Current.CancellationToken);

        Assert.Equal(42, encoder.VocabularySize);
        Assert.Equal([40, 41], new[] { "abc", "bca" }.Select(word => encoder.Tokenizer.Vocabulary[word]));
        // A word with a vector of its own is no mean of its parts.
        Assert.NotEqual(encoder.Encode("a"), encoder.Encode("abc"));
        Assert.Equal([40], StaticEncoders.Ids(encoder.Tokenizer, "ABC"));
        Assert.Equal([8, 25], StaticEncoders.Ids(encoder.Tokenizer, "ab"));
        Assert.Equal(new float[12], encoder.Encode("z"));
    }

    [Fact]
    public void Distill_WithACorpus_WeightsGoByTheOrderOfTheVocabularyAndByCounts()
    {
        TransformerTextEncoder teacher = Teacher();
        string[] corpus = [.. Enumerable.Repeat("a a a b", 50), "abc abc"];

        StaticTextEncoder encoder = StaticTextEncoder.Distill(
            teacher, RandomModel.Hidden, corpus, TestContext.Current.CancellationToken);

        var counts = new double[encoder.VocabularySize];
        Array.Fill(counts, 1);
        foreach (int id in corpus.SelectMany(text => StaticEncoders.Ids(encoder.Tokenizer, text)))
        {
            counts[id]++;
        }
        Assert.Equal([151, 51, 3], new[] { 8, 9, 40 }.Select(id => counts[id]));
        double all = counts.Sum();
        double[] weights = Weights(
            [.. Order(encoder.VocabularySize).Zip(counts, (share, count) => Math.Pow(share, 0.75) * Math.Pow(count / all, 0.25))]);
        Assert.True(weights[8] < weights[9] && weights[9] < weights[10]);
        AssertDistances(teacher, encoder, weights);
    }

    [Fact]
    public void Distill_Saved_IsAFolderOfModel2Vec()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Distill(Teacher(), 5, cancellationToken: TestContext.Current.CancellationToken);

        encoder.Save(_folder["saved"]);

        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder["saved"]).Fingerprint);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(_folder["saved/config.json"]));
        Assert.Equal("model2vec", config.RootElement.GetProperty("model_type").GetString());
        Assert.True(config.RootElement.GetProperty("normalize").GetBoolean());
    }

    [Fact]
    public void Distill_OnnxGraphWithATokenizerJson_KeepsItsTokenizer()
    {
        new OnnxGraphs().Ids().Added("attention_mask").Output("last_hidden_state").Write(_folder["model.onnx"]);
        File.WriteAllText(_folder["tokenizer.json"], """
            {"version":"1.0","truncation":{"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0},"padding":null,"added_tokens":[],"normalizer":{"type":"Lowercase"},
             "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,"model":{"type":"WordLevel","vocab":{"[PAD]":0,"[UNK]":1,"x":2,"y":3,"z":4},"unk_token":"[UNK]"}}
            """);
        OnnxTextEncoder teacher = TextEncoder.LoadOnnx(_folder["model.onnx"], _folder["tokenizer.json"]);

        StaticTextEncoder encoder = StaticTextEncoder.Distill(teacher, 2, ["x y", "x z x y"], TestContext.Current.CancellationToken);

        // Texts are not cut, and unknown words are ignored.
        Assert.Equal([2, 3, 4, 2], StaticEncoders.Ids(encoder.Tokenizer, "X y z x q"));
        Assert.Equal(encoder.Encode("x y z"), encoder.Encode("x y z q"));
        Assert.NotEqual(encoder.Encode("x y z"), encoder.Encode("x y"));
        Assert.Equal(1, encoder.Encode("x y z").Sum(v => (double)v * v), 1e-6);
    }

    [Fact]
    public void Distill_WhatCannotBe_IsRefused()
    {
        TransformerTextEncoder teacher = Teacher();

        Assert.Throws<ArgumentNullException>("encoder", () => StaticTextEncoder.Distill(null!));
        Assert.Contains(
            "1..12", Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => StaticTextEncoder.Distill(teacher, 13)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "static already", Assert.Throws<NotSupportedException>(() => StaticTextEncoder.Distill(StaticEncoders.OfWords(), 2)).Message,
            StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => StaticTextEncoder.Distill(teacher, 2, ["a"], cancelled.Token));
    }

    /// <summary>
    /// Distances of the table's rows are those of the teacher's vectors, since a rotation keeps them, once the weights are divided out.
    /// </summary>
    private static void AssertDistances(TransformerTextEncoder teacher, StaticTextEncoder encoder, double[] weights)
    {
        // a, b, c and ##a.
        int[] ids = [8, 9, 10, 24];
        float[][] rows = [
            .. ids.Select(id => Array.ConvertAll(encoder.Content.Table[(id * 12)..(id * 12 + 12)], v => (float)(v / weights[id])))];
        var tokens = new float[ids.Length * 12];
        teacher.EncodeTokens([.. ids.Select(id => new[] { 4, id, 5 })], tokens, TestContext.Current.CancellationToken);
        for (int i = 0; i < ids.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Assert.Equal(Distance(tokens[(i * 12)..(i * 12 + 12)], tokens[(j * 12)..(j * 12 + 12)]), Distance(rows[i], rows[j]), 1e-4);
            }
        }
    }

    /// <summary>a / (a + p).</summary>
    private static double[] Weights(double[] shares) => [.. shares.Select(share => 1e-4 / (1e-4 + share))];

    /// <summary>Shares by Zipf's law over the tokens that stand in texts: all but the five special ones that BERT has, and the padding of
    /// its configuration.</summary>
    private static double[] Order(int tokens)
    {
        int[] left = [2, 3, 4, 5, 6];
        double[] shares = [.. Enumerable.Range(0, tokens).Select(id => left.Contains(id) ? 0 : 1.0 / (id + 2 - left.Count(l => l < id)))];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => Math.Pow((double)x - y, 2)).Sum());

    private TransformerTextEncoder Teacher()
    {
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        return (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);
    }
}

using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;
using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = Microsoft.ML.Mrl.TorchSharp.Training.AdamW;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Modules.Encoders;

[Collection(TorchCollection.Name)]
public sealed class TransformerModuleTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void Embed_GoldenTexts_EqualsTheReference(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TransformerModel model = TransformerModel.Read(golden.Folder);
        using var module = new TransformerModule(model);
        using DisposeScope scope = NewDisposeScope();
        float[] expected = golden.Numbers("sentence_embedding");

        float[] actual = module.Embed(TokenBatch.From(golden.Ids, model.Config.PadId)).data<float>().ToArray();

        double gap = GoldenEncoder.Gap(expected, actual);
        output.WriteLine($"{name}: {gap:E2}");
        Assert.InRange(gap, 0, 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Embed_WithAResidualHead_IsTheHeadBehindTheEncoderAndSoIsTheSavedModel(bool normalizes)
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-mini");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        var random = new Random(3);
        var head = new ResidualHead(
            Draw(model.Dimensions * 6), Draw(6), Draw(model.Dimensions * 9), Draw(9), Draw(9 * 6), [6]);
        using var module = new TransformerModule(model, frozenLayers: null, head, normalizes);
        using DisposeScope scope = NewDisposeScope();
        float[] embeddings = golden.Numbers("sentence_embedding");
        int rows = embeddings.Length / model.Dimensions;
        float[] expected = [.. Enumerable.Range(0, rows).SelectMany(row =>
        {
            float[] mapped = Applied(head, embeddings.AsSpan(row * model.Dimensions, model.Dimensions));
            double length = normalizes ? Math.Sqrt(mapped.Sum(v => v * v)) : 1;
            return mapped.Select(v => (float)(v / length));
        })];

        float[] actual = module.Embed(TokenBatch.From(golden.Ids, model.Config.PadId)).data<float>().ToArray();
        using var saved = new TransformerModule(module.ToModel());
        float[] ofSaved = saved.Embed(TokenBatch.From(golden.Ids, model.Config.PadId)).data<float>().ToArray();

        Assert.InRange(GoldenEncoder.Gap(expected, actual), 0, 1e-5);
        Assert.InRange(GoldenEncoder.Gap(expected, ofSaved), 0, 1e-5);
        Assert.Equal(5, module.Learned.Count(p => TransformerModule.IsDense(p.Key)));

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Fact]
    public void Tokens_OfPositionsThatCountRealTokens_EqualsTheReference()
    {
        GoldenEncoder golden = GoldenEncoder.Read("roberta-ids");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        using var module = new TransformerModule(model);
        using DisposeScope scope = NewDisposeScope();

        float[] actual = module.Embed(TokenBatch.From(golden.Ids, model.Config.PadId)).data<float>().ToArray();

        Assert.InRange(GoldenEncoder.Gap(golden.Numbers("mean_pooled"), actual), 0, 1e-5);
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void Backward_GoldenPairs_HasTheReferencesLossAndGradients(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        JsonElement training = golden.Values.GetProperty("training");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        using var module = new TransformerModule(model);
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyList<int[]>[] texts, Func<Tensor[], Tensor> lossOf) = Step(golden, model);

        Tensor loss = lossOf([.. texts.Select(rows => module.Embed(TokenBatch.From(rows, model.Config.PadId)))]);
        loss.backward();

        double lossGap = Math.Abs(loss.item<float>() - training.GetProperty("loss").GetDouble());
        double normGap = Math.Abs(
            Math.Sqrt(module.Parameters.Sum(p => Square(Gradient(p.Value)))) - training.GetProperty("gradient_norm")
            .GetDouble()) / training.GetProperty("gradient_norm").GetDouble();
        Assert.InRange(lossGap, 0, Tolerance);
        Assert.InRange(normGap, 0, Tolerance);
        string gaps = GoldenGradients.AssertEqual(training, module.Parameters.ToDictionary(p => GoldenName(p.Key), p => Gradient(p.Value)));
        output.WriteLine($"{name}: loss {lossGap:E2}, gradient norm {normGap:E2} of its own, {gaps}");
    }

    [Theory]
    [InlineData("bert-mini", true)]
    [InlineData("bert-mini", false)]
    [InlineData("bert-dense-identity", true)]
    [InlineData("distilbert-mini", true)]
    [InlineData("distilbert-mini", false)]
    public void Step_GoldenPairs_HasTheReferencesWeights(string name, bool decayAll)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        JsonElement training = golden.Values.GetProperty("training");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        using var module = new TransformerModule(model);
        (IReadOnlyList<int[]>[] texts, Func<Tensor[], Tensor> lossOf) = Step(golden, model);
        Backward(module, texts, model, 6, lossOf);

        var optimizer = new AdamW([.. module.Parameters.Select(p => p.Value)], 0.01, double.PositiveInfinity,
            decayAll ? null
                : [.. module.Parameters.Select(
                    p => !p.Key.EndsWith("bias", StringComparison.Ordinal)
                    && !p.Key.Contains("norm", StringComparison.OrdinalIgnoreCase))]);
        Assert.True(optimizer.Step(1e-3));

        TransformerModel trained = module.ToModel();
        string[] noise = [.. training.GetProperty("gradient_is_zero_in_exact_arithmetic").EnumerateArray().Select(n => n.GetString()!)];
        double worst = 0;
        foreach (
            JsonProperty expected in training.GetProperty("after_step")
            .GetProperty(decayAll ? "decay_all" : "no_decay_for_bias_and_layernorm").EnumerateObject())
        {
            if (noise.Contains(expected.Name))
            {
                continue;
            }
            float[] actual = expected.Name == "2:linear.weight"
                ? trained.Modules.Steps.OfType<DenseStep>().Single().Weight.Singles()
                : trained.Weights.File.Tensors.Single(t => t.Name == expected.Name).Singles();
            worst = Math.Max(worst, Math.Abs(Math.Sqrt(Square(actual)) - expected.Value.GetProperty("l2").GetDouble()));
            double[] first = GoldenLosses.Numbers(expected.Value.GetProperty("first"));
            for (int i = 0; i < first.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(actual[i] - first[i]));
            }
        }
        output.WriteLine($"{name}: lengths and first values after the step differ by {worst:E2}");
        Assert.InRange(worst, 0, 2e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(100)]
    public void GradientCache_OfAnyChunk_EqualsTheWholeBatch(int rowsAtOnce)
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-dense-identity");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        (IReadOnlyList<int[]>[] texts, Func<Tensor[], Tensor> lossOf) = Step(golden, model);
        using var whole = new TransformerModule(model);
        float expectedLoss = 0;
        using (NewDisposeScope())
        {
            Tensor loss = lossOf([.. texts.Select(rows => whole.Embed(TokenBatch.From(rows, model.Config.PadId)))]);
            loss.backward();
            expectedLoss = loss.item<float>();
        }
        using var cached = new TransformerModule(model);

        float actualLoss = Backward(cached, texts, model, rowsAtOnce, lossOf);

        Assert.Equal(expectedLoss, actualLoss, Tolerance);
        for (int i = 0; i < whole.Parameters.Count; i++)
        {
            Assert.InRange(GoldenEncoder.Gap(Gradient(whole.Parameters[i].Value), Gradient(cached.Parameters[i].Value)), 0, Tolerance);
        }
    }

    [Fact]
    public void GradientCache_WithDropout_DrawsTheSameNumbersTwice()
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-mini");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        (IReadOnlyList<int[]>[] texts, Func<Tensor[], Tensor> lossOf) = Step(golden, model);
        var chunks = new SortedChunks([.. texts.SelectMany(t => t)], model.Config.PadId, 5);
        using var whole = new TransformerModule(model);
        using (NewDisposeScope())
        {
            // The same chunks without the cache: one graph over all of them.
            lossOf(chunks.InOrder([.. chunks.Batches.Select((batch, i) => whole.Embed(batch, Dropout(i)))]).split(texts[0].Count))
                .backward();
        }
        using var cached = new TransformerModule(model);
        Backward(cached, texts, model, 5, lossOf, Dropout);
        using var without = new TransformerModule(model);
        Backward(without, texts, model, 5, lossOf);

        double with = 0, none = 0;
        for (int i = 0; i < whole.Parameters.Count; i++)
        {
            with = Math.Max(with, GoldenEncoder.Gap(Gradient(whole.Parameters[i].Value), Gradient(cached.Parameters[i].Value)));
            none = Math.Max(none, GoldenEncoder.Gap(Gradient(whole.Parameters[i].Value), Gradient(without.Parameters[i].Value)));
        }
        Assert.InRange(with, 0, Tolerance);
        Assert.True(none > 0.01, $"Dropout changed gradients by {none} only.");
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("mpnet")]
    public void EmbedTwice_OfAnEarlierLayer_IsTheEncoderOfSoManyLayers(string type)
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["m"], RandomModel.Config(type), """{"pooling_mode": "mean"}""");
        TransformerModel model = TransformerModel.Read(folder["m"]);
        using var module = new TransformerModule(model);
        using var shorter = new TransformerModule(ChangedModel.WithLayers(model, 1));
        using DisposeScope scope = NewDisposeScope();
        var batch = TokenBatch.From([[4, 9, 10, 5], [4, 12, 5]], model.Config.PadId);

        (Tensor last, Tensor earlier) = module.EmbedTwice(batch, 1);

        Assert.Equal(module.Embed(batch).Values().ToArray(), last.Values().ToArray());
        Assert.InRange(GoldenEncoder.Gap(shorter.Embed(batch).Values(), earlier.Values()), 0, 1e-6);
        Assert.True(GoldenEncoder.Gap(last.Values(), earlier.Values()) > 0.01);
    }

    [Theory]
    [InlineData(null, 37)]
    [InlineData(0, 32)]
    [InlineData(1, 16)]
    [InlineData(2, 0)]
    [InlineData(9, 0)]
    public void Learned_FrozenLayers_LeavesThemOut(int? frozen, int learned)
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        using var module = new TransformerModule(TransformerModel.Read(folder["m"]), frozen);

        Assert.Equal((37, learned), (module.Parameters.Count, module.Learned.Count()));
    }

    [Fact]
    public void Steps_OneAfterAnother_KeepNoTensors()
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-dense-identity");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        (IReadOnlyList<int[]>[] texts, Func<Tensor[], Tensor> lossOf) = Step(golden, model);
        using var module = new TransformerModule(model);
        var optimizer = new AdamW([.. module.Parameters.Select(p => p.Value)], 0);
        OneStep();
        long before = Tensor.TotalCount;

        for (int i = 0; i < 5; i++)
        {
            OneStep();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void OneStep()
        {
            Backward(module, texts, model, 4, lossOf, Dropout);
            Assert.True(optimizer.Step(1e-4));
        }
    }

    private static (IReadOnlyList<int[]>[] Texts, Func<Tensor[], Tensor> Loss) Step(GoldenEncoder golden, TransformerModel model)
    {
        JsonElement training = golden.Values.GetProperty("training");
        string[][] pairs = [
            .. training.GetProperty("pairs").EnumerateArray()
            .Select(pair => pair.EnumerateArray().Select(text => text.GetString()!).ToArray())];
        TextTokenizer tokenizer = model.ReadTokenizer();
        IReadOnlyList<int[]>[] texts = [
            .. Enumerable.Range(0, 2)
            .Select(side => (IReadOnlyList<int[]>)[.. pairs.Select(pair => tokenizer.Encode(pair[side], model.MaxLength))])];
        var dimensions = new MatryoshkaDimensions(training.GetProperty("dims").EnumerateArray().Select(m => m.GetInt32()));
        return (texts, embeddings =>
        {
            using var loss = new MatryoshkaLoss(new InfoNceLoss(1 / training.GetProperty("scale").GetDouble()), dimensions);
            return loss.Forward(new EmbeddingBatch { Anchors = embeddings[0], Positives = embeddings[1] });
        });
    }

    private static EncoderDropout Dropout(int chunk) => new(0.1, 0.1, new Generator((ulong)chunk + 1));

    private static float Backward(
        TransformerModule module,
        IReadOnlyList<int[]>[] texts, TransformerModel model, int textsAtOnce, Func<Tensor[], Tensor> lossOf, Func<int, EncoderDropout>? dropout = null) =>
        GradientCache.Backward(
            new SortedChunks([.. texts.SelectMany(t => t)], model.Config.PadId, textsAtOnce),
            (chunk, batch) => module.Embed(batch, dropout?.Invoke(chunk)), all => lossOf(all.split(texts[0].Count)));

    internal static string GoldenName(string name) => name.Replace("2_Dense:", "2:", StringComparison.Ordinal);

    private static float[] Gradient(Parameter parameter)
    {
        using DisposeScope scope = NewDisposeScope();
        return parameter.grad?.contiguous().data<float>().ToArray() ?? new float[parameter.NumberOfElements];
    }

    private static double Square(float[] values) => values.Sum(v => (double)v * v);

    private static float[] Applied(EmbeddingHead head, ReadOnlySpan<float> vector)
    {
        var result = new float[head.OutputDimensions];
        head.Apply(vector, result);
        return result;
    }
}

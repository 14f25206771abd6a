using Microsoft.ML.Mrl.Tests.Cli;
using Microsoft.ML.Mrl.Tests.TorchSharp;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>Every family, activation and way of pooling against plain loops in double precision.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerOracleTests(ITestOutputHelper output) : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void SlowTransformer_GoldenTexts_EqualsTheReference(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        var slow = new SlowTransformer(TransformerModel.Read(golden.Folder));

        float[] actual = [.. golden.Ids.Take(5).SelectMany(slow.Embed).Select(v => (float)v)];

        Assert.InRange(GoldenEncoder.Gap(golden.Numbers("sentence_embedding").AsSpan(0, actual.Length), actual), 0, 5e-6);
    }

    [Theory]
    [InlineData("bert", "gelu", """{"pooling_mode_mean_tokens": true}""", null)]
    [InlineData(
        "bert", "relu", """{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": false}""", "torch.nn.modules.activation.Tanh")]
    [InlineData("bert", "gelu_new", """{"pooling_mode": "cls", "embedding_dimension": 12}""", "torch.nn.modules.activation.GELU")]
    [InlineData("bert", "silu", """{"pooling_mode": ["mean", "max"]}""", "torch.nn.modules.linear.Identity")]
    [InlineData("distilbert", "gelu", """{"pooling_mode_mean_sqrt_len_tokens": true}""", "torch.nn.modules.activation.Sigmoid")]
    [InlineData("roberta", "gelu", """{"pooling_mode_mean_tokens": true}""", null)]
    [InlineData(
        "xlm-roberta", "gelu", """{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}""",
        "torch.nn.modules.activation.ReLU")]
    [InlineData("mpnet", "gelu", """{"pooling_mode_mean_tokens": true}""", null)]
    [InlineData("mpnet", "gelu", """{"pooling_mode": "max"}""", "torch.nn.modules.activation.SiLU")]
    public void EveryWay_OfEveryFamily_EqualsPlainLoops(string type, string activation, string pooling, string? dense)
    {
        RandomModel.Write(_folder["model"], RandomModel.Config(type, activation), pooling, dense);
        TransformerModel model = TransformerModel.Read(_folder["model"]);
        var random = new Random(1);
        int[][] rows = [
            .. new[] { 2, 7, 1, 290 }.Select(
                length => Enumerable.Range(0, length).Select(_ => random.Next(2, RandomModel.Vocabulary)).ToArray())];
        var slow = new SlowTransformer(model);
        float[] expected = [.. rows.SelectMany(slow.Embed).Select(v => (float)v)];
        TokenBatch batch = TokenBatch.From(rows, model.Config.PadId);

        float[] served;
        using (var session = new TransformerSession(model))
        {
            served = session.Embed(batch);
        }
        using var module = new TransformerModule(model);
        using DisposeScope scope = NewDisposeScope();
        float[] trained = module.Embed(batch).data<float>().ToArray();
        float[] dropped = module.Embed(batch, new EncoderDropout(0, 1e-12, new Generator(1))).data<float>().ToArray();

        output.WriteLine(
            $"{type}: served {GoldenEncoder.Gap(expected, served):E2}, trained {GoldenEncoder.Gap(expected, trained):E2}, attention in parts {GoldenEncoder.Gap(expected, dropped):E2}");
        Assert.InRange(GoldenEncoder.Gap(expected, served), 0, Tolerance);
        Assert.InRange(GoldenEncoder.Gap(expected, trained), 0, Tolerance);
        Assert.InRange(GoldenEncoder.Gap(expected, dropped), 0, Tolerance);
    }

    [Fact]
    public void Bucket_OfEveryDistance_IsTheOneBetweenItsEdges()
    {
        for (int distance = -600; distance <= 600; distance++)
        {
            Assert.Equal(SlowTransformer.SlowBucket(distance, 32), RelativePositions.Bucket(distance, 32, 128));
        }
    }
}

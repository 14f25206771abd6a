using Google.Protobuf;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

public sealed class TransformerSessionTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("bert-mini", "batch_of_two")]
    [InlineData("bert-dense-identity", "batch_of_two")]
    [InlineData("distilbert-mini", "batch_of_two")]
    [InlineData("roberta-ids", "batch")]
    public void Run_GoldenBatch_EqualsTheReference(string name, string batch)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TransformerModel model = TransformerModel.Read(golden.Folder);
        using var session = new TransformerSession(model);
        System.Text.Json.JsonElement values = golden.Values.GetProperty(batch);
        int[][] rows = [
            .. GoldenEncoder.IdRows(values.GetProperty("input_ids"))
            .Zip(GoldenEncoder.IdRows(values.GetProperty("attention_mask")), (ids, mask) => ids[..mask.Sum()])];
        float[] expected = golden.Numbers(batch, "last_hidden_state");

        float[] actual = session.Run(TokenBatch.From(rows, model.Config.PadId), TransformerOnnx.TokenEmbeddings);

        double gap = GoldenEncoder.Gap(expected, actual);
        output.WriteLine($"{name}: tokens differ by {gap:E2}");
        Assert.InRange(gap, 0, Tolerance);
    }

    [Theory]
    [InlineData("bert-mini", "sentence_embedding", null)]
    [InlineData("bert-mini", "mean_pooled", PoolingMode.Mean)]
    [InlineData("bert-mini", "cls_pooled", PoolingMode.FirstToken)]
    [InlineData("bert-dense-identity", "sentence_embedding", null)]
    [InlineData("bert-dense-identity", "mean_pooled", PoolingMode.Mean)]
    [InlineData("distilbert-mini", "sentence_embedding", null)]
    [InlineData("distilbert-mini", "cls_pooled", PoolingMode.FirstToken)]
    [InlineData("roberta-ids", "mean_pooled", null)]
    [InlineData("roberta-ids", "cls_pooled", PoolingMode.FirstToken)]
    public void Embed_GoldenTexts_EqualsTheReference(string name, string quantity, object? pooling)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TransformerModel model = TransformerModel.Read(golden.Folder);
        if (pooling is PoolingMode mode)
        {
            model = model.With(new SentenceModules("", [mode], []));
        }
        using var session = new TransformerSession(model);
        float[] expected = golden.Numbers(quantity);

        float[] actual = session.Embed(TokenBatch.From(golden.Ids, model.Config.PadId));

        double gap = GoldenEncoder.Gap(expected, actual);
        output.WriteLine($"{name}: {quantity} differs by {gap:E2}");
        Assert.InRange(gap, 0, Tolerance);
    }

    [Fact]
    public void Make_WithTokenTypes_TakesThemAsAnInput()
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-mini");
        TransformerModel model = TransformerModel.Read(golden.Folder);
        TokenBatch batch = TokenBatch.From(golden.Ids, model.Config.PadId);
        using var session = new InferenceSession(TransformerOnnx.Make(model, withTokenTypes: true).ToByteArray());

        Assert.InRange(GoldenEncoder.Gap(golden.Numbers("sentence_embedding"), Run(0)), 0, Tolerance);
        Assert.True(GoldenEncoder.Gap(golden.Numbers("sentence_embedding"), Run(1)) > 0.01);

        float[] Run(long type)
        {
            long[] types = new long[batch.Ids.Length];
            Array.Fill(types, type);
            using OrtValue ids = Value(batch.Ids);
            using OrtValue mask = Value(batch.Mask);
            using OrtValue kinds = Value(types);
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
                options, [EncoderOnnx.InputIds, EncoderOnnx.AttentionMask, TransformerOnnx.TokenTypeIds], [ids, mask, kinds],
                [EncoderOnnx.SentenceEmbedding]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        OrtValue Value(long[] values) => OrtValue.CreateTensorValueFromMemory(values, [batch.Rows, batch.Length]);
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Export;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>mrl export</c> of a head, alone and behind an encoder, run by ONNX Runtime.</summary>
public sealed class ExportTests : IDisposable
{
    private const int Dimensions = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly long[][] _tokens = [[1, 5, 7, 2], [3, 3, 0, 0], [9, 0, 0, 0]];
    private readonly long[][] _mask = [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mean")]
    [InlineData("first")]
    public void Export_AppendedToAnEncoder_GivesWhatThePipelineMakesOfItsVectors(string pooling)
    {
        string model = Train();
        File.WriteAllBytes(_folder["encoder.onnx"], Bytes(TokenVectorsAlone(SampleOnnxEncoders.Tokens(VectorData.Width))));

        CommandRun run = CommandRun.Of("export", model, "--append-to", _folder["encoder.onnx"], "--pooling", pooling, "--dimensions",
            $"{Dimensions}", "--output", _folder["both.onnx"]);

        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        Assert.Contains(
            $"Wrote {_folder["both.onnx"]}: the inputs of {_folder["encoder.onnx"]} to 'mrl_embedding' [N, {Dimensions}], at unit length",
                run.Output, StringComparison.Ordinal);
        float[][] vectors = pooling == "mean" ? SampleOnnxEncoders.Mean(_tokens, _mask, VectorData.Width)
            : [.. _tokens.Select(row => SampleOnnxEncoders.Vector(row[0], VectorData.Width))];
        using var session = new OnnxRun(_folder["both.onnx"]);
        OnnxRows.AssertSame(Piped(model, vectors), session.Rows(
            "mrl_embedding", OnnxRun.Integers("input_ids", _tokens), OnnxRun.Integers("attention_mask", _mask)));
    }

    [Fact]
    public void Export_Alone_GivesWhatThePipelineDoes()
    {
        string model = Train();
        var random = new Random(3);
        float[][] vectors = [.. Enumerable.Range(0, 5).Select(i => VectorData.Vector(random, i % 4))];

        CommandRun run = CommandRun.Of("export", model, "--dimensions", $"{Dimensions}", "--output", _folder["head.onnx"]);

        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        using var session = new OnnxRun(_folder["head.onnx"]);
        OnnxRows.AssertSame(Piped(model, vectors), session.Rows("mrl_embedding", OnnxRun.Singles("embedding", vectors)));
    }

    [Fact]
    public void Export_AppendedToWhatIsNoSuchEncoder_SaysWhatToDo()
    {
        string model = Train();
        File.WriteAllBytes(_folder["wide.onnx"], Bytes(TokenVectorsAlone(SampleOnnxEncoders.Tokens(VectorData.Width + 1))));

        CommandRun.Of("export", model, "--append-to", _folder["nowhere.onnx"], "--output", _folder["o.onnx"]).AssertFails(
            ExitCode.BadInput, "nowhere.onnx", "--append-to");
        CommandRun.Of("export", model, "--append-to", _folder["wide.onnx"], "--pooling", "m", "--output", _folder["o.onnx"]).AssertFails(
            ExitCode.BadInput, "Cannot export", "13", "12");
        CommandRun.Of("export", model, "--pooling", "m", "--output", _folder["o.onnx"]).AssertFails(ExitCode.Usage, "--append-to");
        Assert.False(File.Exists(_folder["o.onnx"]));
    }

    private string Train()
    {
        CommandRun run = CommandRun.Of("train", "--dataset", _folder.Write("numbers.csv", VectorData.Numbers(80)), "--label-col", "kind",
            "--name", "numbers", "--output", _folder["out"], "--epochs", "2", "--dimensions", $"{Dimensions},8");
        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        return Path.Combine(_folder["out"], "numbers", "numbers.zip");
    }

    /// <summary>What the saved model and a cut behind it make of vectors.</summary>
    private static float[][] Piped(string model, float[][] vectors)
    {
        var mlContext = new MLContext();
        IDataView embedded = mlContext.Model.Load(model, out _).Transform(
            mlContext.Data.LoadFromEnumerable(vectors.Select(vector => new VectorRow { Vector = vector }).ToArray()));
        return [.. mlContext.Transforms.TruncateEmbedding("Short", "Embedding", Dimensions).Fit(embedded).Transform(embedded)
            .GetColumn<float[]>("Short")];
    }

    /// <summary>The encoder without its pooled output: the tool appends to an encoder's only vectors.</summary>
    private static ModelProto TokenVectorsAlone(ModelProto encoder)
    {
        for (int i = encoder.Graph.Output.Count - 1; i >= 0; i--)
        {
            if (encoder.Graph.Output[i].Name != "token_embeddings")
            {
                encoder.Graph.Output.RemoveAt(i);
            }
        }
        return encoder;
    }

    private static byte[] Bytes(ModelProto model) => Google.Protobuf.MessageExtensions.ToByteArray(model);

    private sealed class VectorRow
    {
        [VectorType(VectorData.Width)]
        public float[] Vector { get; set; } = [];
    }
}

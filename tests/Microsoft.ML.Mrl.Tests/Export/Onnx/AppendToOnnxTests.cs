using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Tests.Export.Onnx;

public sealed class AppendToOnnxTests : IDisposable
{
    private const int Width = 12;

    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly long[][] _tokens = [[1, 5, 7, 2], [3, 3, 0, 0], [9, 0, 0, 0], [4, 4, 4, 4]];
    private readonly long[][] _mask = [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("linear", 11)]
    [InlineData("linear", 12)]
    [InlineData("orthogonal", 13)]
    [InlineData("residual", 17)]
    [InlineData("residual", 18)]
    [InlineData("linear", 21)]
    public void Append_ToAnyOperatorSet_EqualsTheManagedTransformers(string kind, long operatorSet)
    {
        EmbeddingHead head = SampleHeads.Random(kind, Width, Width, [2, 5, Width]);
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width, operatorSet);
        foreach (int dimensions in head.TrainedDimensions)
        {
            string sentence = Append(encoder, head, dimensions);
            string mean = Append(
                encoder, head, dimensions, new OnnxAppendOptions { EncoderOutputName = "token_embeddings", Pooling = TokenPooling.Mean });
            string first = Append(
                encoder, head, dimensions,
                new OnnxAppendOptions { EncoderOutputName = "token_embeddings", Pooling = TokenPooling.FirstToken });

            OnnxRows.AssertSame(
                OnnxRows.Managed(
                    head, dimensions, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
                    Run(sentence));
            OnnxRows.AssertSame(OnnxRows.Managed(head, dimensions, SampleOnnxEncoders.Mean(_tokens, _mask, Width)), Run(mean));
            OnnxRows.AssertSame(
                OnnxRows.Managed(head, dimensions, [.. _tokens.Select(row => SampleOnnxEncoders.Vector(row[0], Width))]), Run(first));
        }
    }

    [Theory]
    [InlineData(nameof(DataType.Float16), 2e-3)]
    [InlineData(nameof(DataType.Double), 1e-5)]
    public void Append_ToAnotherPrecision_GivesSingles(string type, double tolerance)
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        string path = Append(
            SampleOnnxEncoders.Tokens(Width, type: Enum.Parse<DataType>(type)), head, 8,
            new OnnxAppendOptions { EncoderOutputName = "token_embeddings", Pooling = TokenPooling.Mean });

        OnnxRows.AssertSame(OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, _mask, Width)), Run(path), tolerance);
    }

    [Fact]
    public void Append_ToAMaskOfSingles_NeedsNoConversion()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        string path = Append(
            SampleOnnxEncoders.Tokens(Width, mask: DataType.Float), head, 8,
            new OnnxAppendOptions { EncoderOutputName = "token_embeddings", Pooling = TokenPooling.Mean });

        using var run = new OnnxRun(path);

        float[][] mask = [.. _mask.Select(row => Array.ConvertAll(row, v => (float)v))];
        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, _mask, Width)),
            run.Rows("mrl_embedding", OnnxRun.Integers("input_ids", _tokens), OnnxRun.Singles("attention_mask", mask)));
        Assert.DoesNotContain(OnnxFile.Read(path).Graph.Node, n => n.OpType == "Cast");
    }

    [Fact]
    public void Append_ToAnOutputOfUnknownShape_TrustsTheCaller()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width);
        encoder.Graph.Output[1].Type.TensorType.Shape = null;
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(Append(encoder, head, 8)));
    }

    [Fact]
    public void Append_ToAFileThatSaysItIsHuge_DoesNotBelieveIt()
    {
        // Field 7 (the graph), 2,000,000,000 bytes; field 5 (constants) in it, 1,900,000,000 bytes; field 9 (raw data) in that,
        // 1,800,000,000 bytes.
        string path = Path.Combine(_folder.Path, "huge.onnx");
        File.WriteAllBytes(
            path, [0x3A, 0x80, 0xA8, 0xD6, 0xB9, 0x07, 0x2A, 0x80, 0xE6, 0xFE, 0x89, 0x07, 0x4A, 0x80, 0xA4, 0xA7, 0xDA, 0x06, 1, 2, 3]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => _ml.Mrl().AppendToOnnx(path, SampleHeads.Random(Width, 8, [8]), path + ".out"));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000);
    }

    [Fact]
    public void Append_WithEncoderNormalization_RescalesBeforeTheHead()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        string path = Append(SampleOnnxEncoders.Tokens(Width), head, 8, new OnnxAppendOptions
        {
            EncoderOutputName = "token_embeddings", Pooling = TokenPooling.Mean, EncoderNormalization = EmbeddingNormalization.UnitLength,
            Normalization = EmbeddingNormalization.None,
        });

        float[][] unit = [.. SampleOnnxEncoders.Mean(_tokens, _mask, Width).Select(v => SampleVectors.TruncatedByHand(v, Width))];
        OnnxRows.AssertSame(OnnxRows.Managed(head, 8, unit, EmbeddingNormalization.None), Run(path));
    }

    [Fact]
    public void Append_UnderTheNameOfTheEncodersOutput_TakesItsPlace()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        string path = Append(SampleOnnxEncoders.Tokens(Width), head, 4, new OnnxAppendOptions { OutputName = "sentence_embedding" });

        using var run = new OnnxRun(path);

        Assert.Equal(["sentence_embedding"], run.Outputs.Keys);
        Assert.Equal([-1, 4], run.Outputs["sentence_embedding"].Dimensions);
        Assert.Equal(["attention_mask", "input_ids"], run.Inputs.Keys.Order());
        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 4, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(path, "sentence_embedding"));
    }

    [Fact]
    public void Append_TwiceInPlace_AppendsToTheFirstHead()
    {
        EmbeddingHead first = SampleHeads.Random(Width, 8, [8]);
        EmbeddingHead second = SampleHeads.Random(8, 6, [3, 6]);
        string path = Append(
            SampleOnnxEncoders.Tokens(Width), first, 8, new OnnxAppendOptions { Normalization = EmbeddingNormalization.None });

        _ml.Mrl().AppendToOnnx(path, second, path, 3);

        float[][] before = OnnxRows.Managed(
            first, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width),
            EmbeddingNormalization.None);
        OnnxRows.AssertSame(OnnxRows.Managed(second, 3, before), Run(path));
        using var run = new OnnxRun(path);
        Assert.Equal(second.Fingerprint, run.Metadata["mrl.head_fingerprint"]);
        Assert.Equal("mine", run.Metadata["licence"]);
    }

    [Fact]
    public void Append_ToAnEncoderThatUsesOurNames_AvoidsThem()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width, sentence: "mrl_head");
        OnnxWalk.Rename(encoder.Graph, "token_embeddings", "mrl_embedding");
        encoder.Graph.Initializer.Add(SampleOnnxEncoders.Tensor("mrl_weights", [1], [1]));
        encoder.Graph.Node[0].Name = "mrl_Gemm";
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        string path = Append(encoder, head, 8, new OnnxAppendOptions { EncoderOutputName = "mrl_head" });

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(path));
        GraphProto graph = OnnxFile.Read(path).Graph;
        Assert.Equal(graph.Node.Count, graph.Node.Select(n => n.Name).Distinct().Count());
        Assert.Equal(graph.Initializer.Count, graph.Initializer.Select(n => n.Name).Distinct().Count());
    }

    [Fact]
    public void Append_WhereABranchReadsTheRenamedValue_RenamesItThereToo()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width);
        GraphProto graph = encoder.Graph;
        graph.Initializer.Add(new TensorProto { Name = "yes", DataType = (int)DataType.Bool, RawData = ByteString.CopyFrom(1) });
        NodeProto branch = SampleOnnxEncoders.AddNode(graph, "If", ["yes"], "chosen");
        foreach ((string name, string operation) in new[] { ("then_branch", "Identity"), ("else_branch", "Neg") })
        {
            var body = new GraphProto { Name = name };
            SampleOnnxEncoders.AddNode(body, operation, ["sentence_embedding"], name + "_result");
            body.Output.Add(SampleOnnxEncoders.Value(name + "_result", DataType.Float, "batch", Width));
            branch.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = body });
        }
        graph.Output.Add(SampleOnnxEncoders.Value("chosen", DataType.Float, "batch", Width));
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        string path = Append(encoder, head, 8, new OnnxAppendOptions { EncoderOutputName = "chosen", OutputName = "sentence_embedding" });

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(path, "sentence_embedding"));
    }

    [Fact]
    public void Append_WithKeptOutputs_KeepsThemAfterTheNewOne()
    {
        string path = Append(
            SampleOnnxEncoders.Tokens(Width), SampleHeads.Random(Width, 8, [8]), 8,
            new OnnxAppendOptions { KeptOutputs = ["sentence_embedding"] });

        using var run = new OnnxRun(path);

        Assert.Equal(["mrl_embedding", "sentence_embedding"], OnnxFile.Read(path).Graph.Output.Select(o => o.Name));
        float[][] kept = run.Rows("sentence_embedding", OnnxRun.Integers("input_ids", _tokens), OnnxRun.Integers("attention_mask", _mask));
        OnnxRows.AssertSame(SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width), kept);
    }

    [Fact]
    public void Append_ToOtherWidth_NamesBothWidths()
    {
        var e = Assert.Throws<ArgumentException>("head", () => Append(SampleOnnxEncoders.Tokens(Width), SampleHeads.Random(13, 8, [8]), 8));

        Assert.StartsWith(
            "Cannot append the head: encoder output 'sentence_embedding' has 12 values in each row, the head takes 13.", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Append_ToTokenVectorsWithoutPooling_SaysWhatToDo()
    {
        var e = Assert.Throws<ArgumentException>(
            "options",
            () => Append(
                SampleOnnxEncoders.Tokens(Width), SampleHeads.Random(Width, 8, [8]), 8,
                new OnnxAppendOptions { EncoderOutputName = "token_embeddings" }));

        Assert.StartsWith(
            "Cannot append the head: encoder output 'token_embeddings' is [batch, tokens, 12]: one vector for each token. Set Pooling to Mean or FirstToken", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenPooling.Mean)]
    [InlineData(TokenPooling.FirstToken)]
    public void Append_WithPoolingOfOneVectorARow_Refuses(TokenPooling pooling)
    {
        var e = Assert.Throws<ArgumentException>(
            "options",
            () => Append(
                SampleOnnxEncoders.Tokens(Width), SampleHeads.Random(Width, 8, [8]), 8,
                new OnnxAppendOptions { EncoderOutputName = "sentence_embedding", Pooling = pooling }));

        Assert.Contains("[batch, 12]: one vector for each row already", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token_embeddings")]
    [InlineData("last_hidden_state")]
    public void Append_WithPooling_FindsTheUsualTokenVectors(string name)
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width);
        OnnxWalk.Rename(encoder.Graph, "token_embeddings", name);
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, _mask, Width)),
            Run(Append(encoder, head, 8, new OnnxAppendOptions { Pooling = TokenPooling.Mean })));
    }

    [Fact]
    public void Append_ToNamesThatAreNotThere_ListsThoseThatAre()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width, sentence: "pooled");

        Assert.Contains(
            "has 2 outputs ('token_embeddings' [batch, tokens, 12], 'pooled' [batch, 12])",
            Assert.Throws<ArgumentException>(() => Append(encoder, head, 8)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "has no output 'x', as EncoderOutputName asks for. It has: 'token_embeddings'", Assert.Throws<ArgumentException>(
                () => Append(encoder, head, 8, new() { EncoderOutputName = "x" })).Message, StringComparison.Ordinal);
        Assert.Contains(
            "has no output 'y', as KeptOutputs", Assert.Throws<ArgumentException>(
                () => Append(encoder, head, 8, new() { EncoderOutputName = "pooled", KeptOutputs = ["y"] }))
                .Message, StringComparison.Ordinal);
        Assert.Contains(
            "has no input 'mask', as AttentionMaskName asks for. It has: 'input_ids' [batch, tokens]", Assert.Throws<ArgumentException>(
            () => Append(
                encoder, head, 8,
                new() { EncoderOutputName = "token_embeddings", Pooling = TokenPooling.Mean, AttentionMaskName = "mask" }))
                .Message, StringComparison.Ordinal);
        Assert.Contains(
            "Cannot call the output 'input_ids'",
            Assert.Throws<ArgumentException>(
                () => Append(encoder, head, 8, new() { EncoderOutputName = "pooled", OutputName = "input_ids" }))
                .Message, StringComparison.Ordinal);
        Assert.Contains("KeptOutputs names 'pooled', which is the OutputName", Assert.Throws<ArgumentException>(
            () => Append(encoder, head, 8, new() { EncoderOutputName = "pooled", OutputName = "pooled", KeptOutputs = ["pooled"] }))
                .Message, StringComparison.Ordinal);
        Assert.Contains(
            "KeptOutputs names 'pooled' 2 times", Assert.Throws<ArgumentException>(
                () => Append(encoder, head, 8, new() { KeptOutputs = ["pooled", "pooled"] })).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*out.onnx"));
    }

    [Fact]
    public void Append_ToIntegers_Refuses()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width);
        encoder.Graph.Output[1].Type.TensorType.ElemType = (int)DataType.Int64;

        Assert.Contains(
            "is not a tensor of floating-point numbers", Assert.Throws<ArgumentException>(
                () => Append(encoder, SampleHeads.Random(Width, 8, [8]), 8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_ToAnOldOperatorSet_SaysWhichIsNeeded()
    {
        var e = Assert.Throws<NotSupportedException>(
            () => Append(SampleOnnxEncoders.Tokens(Width, operatorSet: 10), SampleHeads.Random(Width, 8, [8]), 8));

        Assert.Contains("operator set 10; the head needs 11 or later", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_ToAnEncoderOfAnOldFormatVersion_Works()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width, operatorSet: 11);
        encoder.IrVersion = 3;
        encoder.Graph.Input.Add(SampleOnnxEncoders.Value("table", DataType.Float, SampleOnnxEncoders.Vocabulary, Width));
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        string path = Append(encoder, head, 8);

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(path));
    }

    [Fact]
    public void Append_WithSideFiles_WorksInTheirFolderOnly()
    {
        ModelProto encoder = SampleOnnxEncoders.Tokens(Width);
        TensorProto table = encoder.Graph.Initializer[0];
        string side = Path.Combine(_folder.Path, "weights.bin");
        File.WriteAllBytes(side, table.RawData.ToByteArray());
        table.ClearRawData();
        table.DataLocation = TensorProto.Types.DataLocation.External;
        table.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);

        string path = Append(encoder, head, 8);

        OnnxRows.AssertSame(
            OnnxRows.Managed(head, 8, SampleOnnxEncoders.Mean(_tokens, [.. _mask.Select(_ => new long[] { 1, 1, 1, 1 })], Width)),
            Run(path));
        Assert.True(new FileInfo(path).Length < 5000);
        using var other = new TemporaryFolder();
        string elsewhere = Path.Combine(other.Path, "out.onnx");
        Assert.Contains(
            "keeps weights in side files ('weights.bin')", Assert.Throws<InvalidOperationException>(
                () => _ml.Mrl().AppendToOnnx(path, head, elsewhere)).Message, StringComparison.Ordinal);
        Assert.Empty(other.Files);
        File.Delete(side);
        Assert.Contains(
            "the side file 'weights.bin', which is not in", Assert.Throws<FileNotFoundException>(() => Append(encoder, head, 8)).Message,
            StringComparison.Ordinal);
        table.ExternalData.Clear();
        Assert.Throws<InvalidDataException>(() => Append(encoder, head, 8));
    }

    [Fact]
    public void Append_ToWhatIsNoModel_SaysSo()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        string path = Path.Combine(_folder.Path, "encoder.onnx");
        byte[] good = SampleOnnxEncoders.Tokens(Width).ToByteArray();
        ModelProto doubled = SampleOnnxEncoders.Tokens(Width);
        doubled.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 12 });

        foreach (byte[] bytes in new byte[][] { [], [.. "not a model"u8], good[..^10], good[..(good.Length / 2)], doubled.ToByteArray() })
        {
            File.WriteAllBytes(path, bytes);
            Assert.Throws<InvalidDataException>(() => _ml.Mrl().AppendToOnnx(path, head, path + ".out"));
        }
        Assert.Throws<FileNotFoundException>(() => _ml.Mrl().AppendToOnnx(path + ".missing", head, path + ".out"));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Append_ToGraphsNestedTooDeeply_IsRefusedNotOverflowed()
    {
        GraphProto graph = new() { Name = "inner" };
        for (int i = 0; i < 60; i++)
        {
            var outer = new GraphProto { Name = "outer" };
            outer.Node.Add(
                new NodeProto { OpType = "If",
                Attribute = { new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = graph } } });
            graph = outer;
        }
        string path = Path.Combine(_folder.Path, "deep.onnx");
        File.WriteAllBytes(path, new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray());

        Assert.Throws<InvalidDataException>(() => _ml.Mrl().AppendToOnnx(path, SampleHeads.Random(Width, 8, [8]), path + ".out"));
    }

    [Fact]
    public void Append_ToDamagedModels_GivesAModelOrATypedError()
    {
        byte[] good = SampleOnnxEncoders.Tokens(Width).ToByteArray();
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        var random = new Random(20261124);
        string path = Path.Combine(_folder.Path, "encoder.onnx");
        int refused = 0;
        int count = Mutation.Count(2000);
        for (int i = 0; i < count; i++)
        {
            File.WriteAllBytes(path, Mutation.Of(good, random));
            try
            {
                _ml.Mrl()
                    .AppendToOnnx(
                        path, head, path + ".out", 4,
                        new OnnxAppendOptions { EncoderOutputName = i % 2 == 0 ? null : "token_embeddings", Pooling = i % 2 == 0
                        ? TokenPooling.None : TokenPooling.Mean });
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException or InvalidOperationException or FileNotFoundException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, count / 10, count - 1);
    }

    [Fact]
    public void Append_ToTheGoldenEncoder_GivesItsMeanPooledVectorsThroughTheHead()
    {
        string encoder = Repository.Golden("bert-mini", "onnx/model.onnx");
        using var golden = JsonDocument.Parse(File.ReadAllText(Repository.Golden("bert-mini", "onnx/golden.json")));
        EmbeddingHead head = SampleHeads.Random(32, 32, [8, 16, 32]);
        string path = Path.Combine(_folder.Path, "bert-mrl.onnx");

        _ml.Mrl().AppendToOnnx(encoder, head, path, 16, new OnnxAppendOptions { Pooling = TokenPooling.Mean });

        using var run = new OnnxRun(path);
        foreach (JsonElement test in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            long[][] ids = Integers(test.GetProperty("input_ids"));
            float[][] pooled = [
                .. test.GetProperty("mean_pooled").EnumerateArray()
                .Select(row => GoldenLosses.Numbers(row).Select(v => (float)v).ToArray())];
            float[][] got = run.Rows(
                "mrl_embedding", OnnxRun.Integers("input_ids", ids),
                OnnxRun.Integers("attention_mask", Integers(test.GetProperty("attention_mask"))),
                OnnxRun.Integers("token_type_ids", [.. ids.Select(row => new long[row.Length])]));
            OnnxRows.AssertSame(OnnxRows.Managed(head, 16, pooled), got);
        }
    }

    private static long[][] Integers(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetInt64()).ToArray())];

    private string Append(ModelProto encoder, EmbeddingHead head, int dimensions, OnnxAppendOptions? options = null)
    {
        string path = Path.Combine(_folder.Path, Path.GetRandomFileName());
        File.WriteAllBytes(path, encoder.ToByteArray());
        _ml.Mrl().AppendToOnnx(path, head, path + "-out.onnx", dimensions, options);
        return path + "-out.onnx";
    }

    private float[][] Run(string path, string output = "mrl_embedding")
    {
        using var run = new OnnxRun(path);
        return run.Rows(
            output, [
                .. new[] { OnnxRun.Integers("input_ids", _tokens), OnnxRun.Integers("attention_mask", _mask) }.Where(
                    v => run.Inputs.ContainsKey(v.Name))]);
    }
}

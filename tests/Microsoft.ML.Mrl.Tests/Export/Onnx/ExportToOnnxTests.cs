using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Export.Onnx;

public sealed class ExportToOnnxTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int>();
            foreach (string kind in (string[])["linear", "orthogonal", "residual"])
            {
                foreach (int dimensions in (int[])[1, 2, 3, 5, 8])
                {
                    cases.Add(kind, dimensions, 1);
                    cases.Add(kind, dimensions, 64);
                }
            }
            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Export_RunByOnnxRuntime_EqualsTheManagedTransformers(string kind, int dimensions, int batch)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 12, kind == "orthogonal" ? 12 : 8, [1, 2, 5, 8]);
        string path = Export(head, dimensions);
        float[][] rows = OnnxRows.OfEveryMagnitude(64, 12);

        using var run = new OnnxRun(path);
        float[][] got = [.. rows.Chunk(batch).SelectMany(part => run.Rows("mrl_embedding", "embedding", part))];

        OnnxRows.AssertSame(OnnxRows.Managed(head, dimensions, rows), got);
    }

    [Fact]
    public void Export_OfTheWidthOfUsualEncoders_EqualsTheManagedTransformers()
    {
        EmbeddingHead head = SampleHeads.Random(768, 768, [64, 256, 768]);
        float[][] rows = OnnxRows.OfEveryMagnitude(64, 768);
        foreach (int dimensions in head.TrainedDimensions)
        {
            using var run = new OnnxRun(Export(head, dimensions));
            float[][] got = run.Rows("mrl_embedding", "embedding", rows);
            float[][] expected = OnnxRows.Managed(head, dimensions, rows);

            Assert.All(
                Enumerable.Range(0, rows.Length),
                i => Assert.All(Enumerable.Range(0, dimensions), j => Assert.Equal(expected[i][j], got[i][j], 1e-5)));
        }
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void Export_InASavedAndReloadedPipeline_EqualsTheManagedTransformers(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 12, 12, [2, 5, 12]);
        foreach (int dimensions in head.TrainedDimensions)
        {
            string path = Export(head, dimensions, "Embedding", "Short");
            float[][] rows = OnnxRows.OfEveryMagnitude(64, 12);
            IDataView view = SampleVectors.View(_ml, rows);
            ITransformer saved = _ml.Transforms.ApplyOnnxModel("Short", "Embedding", path).Fit(view);
            using var zip = new MemoryStream();
            _ml.Model.Save(saved, view.Schema, zip);
            File.Delete(path);
            zip.Position = 0;

            IDataView got = new MLContext().Model.Load(zip, out _).Transform(view);

            Assert.Equal([1, dimensions], ((VectorDataViewType)got.Schema["Short"].Type).Dimensions);
            OnnxRows.AssertSame(OnnxRows.Managed(head, dimensions, rows), SampleVectors.Read(got, "Short"));
        }
    }

    [Fact]
    public void Export_OfNaNAndInfinity_HasTheFateOfTruncateEmbedding()
    {
        var head = new LinearHead([1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0], [3]);
        float[][] prefixes = [
            [1, float.NaN, 2], [3, float.PositiveInfinity, -2], [float.NegativeInfinity, float.PositiveInfinity, 0],
            [float.NaN, float.PositiveInfinity, 0], [float.MaxValue, -float.MaxValue, float.MaxValue]];
        // The cut and the rescaling alone: what 0 times an infinity adds to a sum is not their affair.
        var graph = new GraphProto { Name = "test" };
        var names = new OnnxNames();
        names.TakeValue("x");
        OnnxHead.WriteUnitLength(new OnnxGraphBuilder(graph, names, 17), "x", "");
        OnnxHead.NameLast(graph, "y");
        var free = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = OnnxFile.RowsOf(free.Clone(), 3) });
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = OnnxFile.RowsOf(free.Clone(), 3) });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        string path = Path.Combine(_folder.Path, "unit.onnx");
        OnnxFile.Write(model, path);
        IDataView view = SampleVectors.View(_ml, prefixes);
        float[][] expected = SampleVectors.Read(
            _ml.Transforms.TruncateEmbedding("Short", "Embedding", 3).Fit(view).Transform(view), "Short");

        using var run = new OnnxRun(path);
        float[][] got = run.Rows("y", "x", prefixes);

        for (int i = 0; i < prefixes.Length; i++)
        {
            SampleVectors.AssertClose(expected[i], got[i]);
        }
    }

    [Fact]
    public void Export_WithoutNormalization_GivesTheHeadsPrefix()
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [2, 10]);
        string path = Export(head, 4, normalization: EmbeddingNormalization.None);
        float[][] rows = SampleVectors.Random(7, 12);

        using var run = new OnnxRun(path);

        OnnxRows.AssertSame(OnnxRows.Managed(head, 4, rows, EmbeddingNormalization.None), run.Rows("mrl_embedding", "embedding", rows));
    }

    [Fact]
    public void Export_WithoutDimensions_IsAsWideAsTheHead()
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [2, 5]);

        using var run = new OnnxRun(Export(head, null));

        Assert.Equal([-1, 12], run.Inputs["embedding"].Dimensions);
        Assert.Equal([-1, 10], run.Outputs["mrl_embedding"].Dimensions);
    }

    [Fact]
    public void Export_SaysWhichHeadItHoldsAndHowItWasTrained()
    {
        LinearHead numbers = SampleHeads.Random(12, 10, [2, 5, 10]);
        var head = new LinearHead(numbers.Weights.Span, numbers.Bias.Span, numbers.TrainedDimensions, new TrainingSummary
        {
            Objective = "Classification(Label)", Winner = TrainingWinner.Learned, Verdict = "Won by 0.1.", Seed = 3, TrainingRows = 100,
            ValidationRows = 20, Epochs = 7, BestEpoch = 5,
            ScoreName = "accuracy", ValidationScores = [new(2, double.NaN, .2, .3) { Low = -.1, High = .25 }],
        });

        using var run = new OnnxRun(Export(head, 5));

        Assert.Equal(new Dictionary<string, string>
        {
            ["mrl.head_kind"] = "linear", ["mrl.head_fingerprint"] = head.Fingerprint, ["mrl.input_dimensions"] = "12",
            ["mrl.dimensions"] = "5", ["mrl.full_dimensions"] = "10",
            ["mrl.trained_dimensions"] = "2,5,10", ["mrl.normalization"] = "UnitLength",
            ["mrl.training.objective"] = "Classification(Label)", ["mrl.training.winner"] = "learned",
            ["mrl.training.verdict"] = "Won by 0.1.", ["mrl.training.seed"] = "3", ["mrl.training.rows"] = "100",
            ["mrl.training.validation_rows"] = "20", ["mrl.training.epochs"] = "7",
            ["mrl.training.best_epoch"] = "5", ["mrl.training.cancelled"] = "false", ["mrl.training.score_name"] = "accuracy",
            ["mrl.training.validation_scores"] =
                "[{\"dimensions\":2,\"raw\":\"NaN\",\"pca\":0.2,\"learned\":0.3,\"low\":-0.1,\"high\":0.25}]",
        }.OrderBy(p => p.Key), run.Metadata.OrderBy(p => p.Key));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void Export_OfTheSameHead_GivesTheSameBytesAndLittleBesideTheWeights(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 40, 40, [8, 40]);
        using var copy = new MemoryStream();
        head.Save(copy);
        copy.Position = 0;

        byte[] first = File.ReadAllBytes(Export(head, 8));
        byte[] second = File.ReadAllBytes(Export(EmbeddingHead.Load(copy), 8));

        Assert.Equal(first, second);
        Assert.InRange(first.Length, OnnxHead.WeightBytes(head, 8), OnnxHead.WeightBytes(head, 8) + 2500);
    }

    [Fact]
    public void Export_IsOfOperatorSet17() =>
        Assert.Equal(
            [("", 17L)], OnnxFile.Read(Export(SampleHeads.Random(12, 10, [10]), 4)).OpsetImport.Select(s => (s.Domain, s.Version)));

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(11)]
    public void Export_AtADimensionThatTheHeadDoesNotGive_SaysTheRangeAndLeavesTheOldFile(int dimensions)
    {
        string path = Path.Combine(_folder.Path, "head.onnx");
        File.WriteAllText(path, "old");

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            nameof(dimensions), () => _ml.Mrl().ExportToOnnx(SampleHeads.Random(12, 10, [10]), path, dimensions));

        Assert.StartsWith($"Cannot export at {dimensions}: the head gives 10 values. Choose 1..10.", e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(_folder.Files);
    }

    [Fact]
    public void Export_BelowTheSmallestTrainedDimension_Warns()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);

        Export(SampleHeads.Random(12, 10, [4, 10]), 3);

        Assert.Contains(
            warnings, w => w.Contains("exported at 3, below its smallest trained dimension 4 (trained: 4, 10)", StringComparison.Ordinal));
    }

    [Fact]
    public void Export_OverAnOldFile_ReplacesItAndLeavesNothingBeside()
    {
        string path = Path.Combine(_folder.Path, "head.onnx");
        File.WriteAllText(path, "old");

        _ml.Mrl().ExportToOnnx(SampleHeads.Random(12, 10, [10]), path);

        using var run = new OnnxRun(path);
        Assert.Single(_folder.Files);
    }

    [Fact]
    public void Export_ToWhereNoFileCanBe_SaysWhy()
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [10]);

        Assert.Contains(
            "there is no folder", Assert.Throws<DirectoryNotFoundException>(
                () => _ml.Mrl().ExportToOnnx(head, Path.Combine(_folder.Path, "missing", "head.onnx"))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "it is a folder", Assert.Throws<IOException>(() => _ml.Mrl().ExportToOnnx(head, _folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("head", () => _ml.Mrl().ExportToOnnx((EmbeddingHead)null!, "head.onnx"));
        Assert.Throws<ArgumentNullException>("path", () => _ml.Mrl().ExportToOnnx(head, null!));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Export_WithArgumentsThatMakeNoSense_Throws()
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [10]);

        Assert.Throws<ArgumentException>("inputName", () => Export(head, 4, " "));
        Assert.Throws<ArgumentException>("outputName", () => Export(head, 4, outputName: " "));
        var same = Assert.Throws<ArgumentException>("outputName", () => Export(head, 4, "x", "x"));
        Assert.Contains("both named 'x'. Give two names", same.Message, StringComparison.Ordinal);
        var unknown = Assert.Throws<ArgumentOutOfRangeException>(
            "normalization", () => Export(head, 4, normalization: (EmbeddingNormalization)9));
        Assert.Contains("Normalization 9", unknown.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData("mrl_head", "mrl_scaled")]
    [InlineData("mrl_weights", "mrl_bias")]
    public void Export_WithNamesLikeThoseInside_KeepsThemApart(string input, string output)
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [10]);
        float[][] rows = SampleVectors.Random(3, 12);

        using var run = new OnnxRun(Export(head, 4, input, output));

        OnnxRows.AssertSame(OnnxRows.Managed(head, 4, rows), run.Rows(output, input, rows));
    }

    [Fact]
    public void Export_OfAFittedPipeline_FindsItsHead()
    {
        EmbeddingHead head = SampleHeads.Random(12, 10, [2, 10]);
        IDataView view = SampleVectors.View(_ml, SampleVectors.Random(3, 12));
        ITransformer model = _ml.Transforms.CopyColumns("Copy", "Embedding")
            .Append(_ml.Transforms.ApplyEmbeddingHead("Mrl", "Copy", head).Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 4)))
                .Fit(view);
        string path = Path.Combine(_folder.Path, "model.onnx");

        _ml.Mrl().ExportToOnnx(model, path, 2);

        Assert.Same(head, _ml.Mrl().FindHead(model));
        Assert.Equal(File.ReadAllBytes(Export(head, 2)), File.ReadAllBytes(path));
    }

    [Fact]
    public void Export_OfAPipelineWithoutAHeadOrWithTwo_Refuses()
    {
        IDataView view = SampleVectors.View(_ml, SampleVectors.Random(3, 12));
        ITransformer none = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 4).Fit(view);
        ITransformer two = _ml.Transforms.ApplyEmbeddingHead("A", "Embedding", SampleHeads.Random(12, 10, [10]))
            .Append(_ml.Transforms.ApplyEmbeddingHead("B", "Embedding", SampleHeads.Random(12, 9, [9]))).Fit(view);

        Assert.Contains(
            "applies no embedding head", Assert.Throws<ArgumentException>("model", () => _ml.Mrl().ExportToOnnx(none, "x.onnx")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "applies 2 different heads", Assert.Throws<ArgumentException>("model", () => _ml.Mrl().FindHead(two)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("model", () => _ml.Mrl().FindHead(null!));
    }

    [Fact]
    public void CheckSize_BeyondTwoGigabytes_SaysSo()
    {
        OnnxFile.CheckSize(0, 2_000_000_000);
        OnnxFile.CheckSize(1_000_000_000, 1_000_000_000);

        Assert.Contains(
            "Choose fewer dimensions", Assert.Throws<InvalidOperationException>(() => OnnxFile.CheckSize(0, int.MaxValue)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "side file", Assert.Throws<InvalidOperationException>(() => OnnxFile.CheckSize(2_000_000_000, 200_000_000)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => OnnxFile.CheckSize(long.MaxValue, 4L * int.MaxValue));
        Assert.Equal(4L * 3 * 100_000, OnnxHead.WeightBytes(new LinearHead(new float[300_000], new float[150_000], [1]), 100_000));
    }

    private string Export(
        EmbeddingHead head, int? dimensions, string inputName = "embedding", string outputName = "mrl_embedding",
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
    {
        string path = Path.Combine(_folder.Path, Path.GetRandomFileName() + ".onnx");
        _ml.Mrl().ExportToOnnx(head, path, dimensions, inputName, outputName, normalization);
        return path;
    }
}

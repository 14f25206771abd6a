using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Reports.Notebook;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public class TypedEvaluationTests
{
    private static readonly EmbeddingType[] s_types = [EmbeddingType.Half, EmbeddingType.Int8, EmbeddingType.Binary];
    private static readonly RetrievalOptions s_retrieval = new() { Types = s_types };

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Retrieval_EveryRow_IsThatOfTheVectorsThatComeBack(bool quantizeQueries)
    {
        IDataView pairs = Pairs(60, 20);
        MatryoshkaDimensions dimensions = [6, 20];

        DimensionReport report = _ml.Mrl().EvaluateRetrieval(
            pairs, "Query", "Document", dimensions, new RetrievalOptions { Types = s_types, QuantizeQueries = quantizeQueries });

        DimensionReport full = _ml.Mrl().EvaluateRetrieval(pairs, "Query", "Document", dimensions);
        Assert.Equal([EmbeddingType.Binary, EmbeddingType.Int8, EmbeddingType.Half, EmbeddingType.Single], report.Types);
        Assert.Equal(8, report.Rows.Count);
        Assert.Equal(60, report.Count);
        foreach (int m in dimensions)
        {
            Assert.Equal(full[m]["nDCG@10"], report[m, EmbeddingType.Single]["nDCG@10"]);
            foreach (EmbeddingType type in (EmbeddingType[])[EmbeddingType.Half, EmbeddingType.Int8, EmbeddingType.Binary])
            {
                // Ranges are those of the documents: fit on them alone, then applied to both.
                Int8Ranges? ranges = _ml.Transforms.QuantizeEmbedding("D", "Document", type, m).Fit(pairs).Ranges;
                float[][] documents = Back(There(pairs, "Document", "D", type, m, ranges), "D", type);
                float[][] queries = quantizeQueries
                    ? Back(There(pairs, "Query", "Q", type, m, ranges), "Q", type)
                    : SampleVectors.Read(_ml.Transforms.TruncateEmbedding("Q", "Query", m).Fit(pairs).Transform(pairs), "Q");
                RelevantDocument[][] own = [.. Enumerable.Range(0, 60).Select(i => (RelevantDocument[])[new RelevantDocument(i, 1)])];
                DimensionReport expected = RetrievalEvaluation.Evaluate(SampleMatrices.Of(queries), SampleMatrices.Of(documents), own, [m]);
                foreach (string metric in report.Metrics)
                {
                    Assert.Equal(expected[m][metric], report[m, type][metric]);
                }
            }
        }
        Assert.Contains("ranges of signed bytes are those of the documents", report.Note, StringComparison.Ordinal);
        Assert.Equal(20 / 8 + 1, report[20, EmbeddingType.Binary].BytesPerVector);
        Assert.Equal(6, report[6, EmbeddingType.Int8].BytesPerVector);
        Assert.Equal(40, report[20, EmbeddingType.Half].BytesPerVector);
        Assert.Equal(80, report[20, EmbeddingType.Single].BytesPerVector);
    }

    [Fact]
    public void Retrieval_BitsAtOneDimension_AreNotFoldedIntoTwoDocuments()
    {
        DimensionReport report = _ml.Mrl().EvaluateRetrieval(
            Pairs(40, 4), "Query", "Document", [1, 4], new RetrievalOptions { Types = [EmbeddingType.Binary], QuantizeQueries = true });

        Assert.Equal(40, report.Count);
        Assert.True(report[1, EmbeddingType.Binary]["Recall@1"] < 0.2);
        Assert.Equal([EmbeddingType.Binary, EmbeddingType.Single], report.Types);
    }

    [Fact]
    public void Retrieval_ThreeViewsWithOtherRowsToCalibrateOn_UsesThose()
    {
        var queries = _ml.Data.LoadFromEnumerable(Ids(12, 1));
        var documents = _ml.Data.LoadFromEnumerable(Ids(12, 2));
        var relevance = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Judgement { QueryId = i, DocumentId = i }));
        // Ranges far too wide for unit vectors leave next to nothing of them.
        var wide = _ml.Data.LoadFromEnumerable(
            Ids(3, 3).Select(r => new IdRow { Id = r.Id, Embedding = [r.Id == 0 ? 1 : -1, 0, 0, 0, 0, 0, 0, 0] }));
        var columns = new RetrievalColumns { QueryId = "Id", DocumentId = "Id" };

        DimensionReport own = _ml.Mrl().EvaluateRetrieval(queries, documents, relevance, columns, options: s_retrieval);
        DimensionReport other = _ml.Mrl()
            .EvaluateRetrieval(queries, documents, relevance, columns, options: s_retrieval, calibration: wide);

        Assert.Equal(own[8, EmbeddingType.Half]["nDCG@10"], other[8, EmbeddingType.Half]["nDCG@10"]);
        Assert.NotEqual(own[8, EmbeddingType.Int8]["nDCG@10"], other[8, EmbeddingType.Int8]["nDCG@10"]);
        Assert.Contains("those of other rows", other.Note, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _ml.Mrl().EvaluateRetrieval(
            queries, documents, relevance, columns, options: s_retrieval, calibration: _ml.Data.FilterRowsByColumn(wide, "Number", 50)));
    }

    [Fact]
    public void Classification_WithAndWithoutReference_IsThatOfTheVectorsThatComeBack()
    {
        IDataView data = Labelled(90, 1), reference = Labelled(80, 2);

        DimensionReport apart = _ml.Mrl().EvaluateClassification(
            data, "Embedding", reference: reference, dimensions: [4, 10], options: new ClassificationOptions { Types = s_types });
        DimensionReport one = _ml.Mrl()
            .EvaluateClassification(data, "Embedding", dimensions: [4, 10], options: new ClassificationOptions { Types = s_types });

        foreach (EmbeddingType type in (EmbeddingType[])[EmbeddingType.Half, EmbeddingType.Int8])
        {
            Int8Ranges? ofReference = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 4).Fit(reference).Ranges,
            ofData = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 4).Fit(data).Ranges;
            IDataView cut = _ml.Transforms.TruncateEmbedding("Q", "Embedding", 4).Fit(data).Transform(data);
            DimensionReport expected = _ml.Mrl()
                .EvaluateClassification(cut, "Q", reference: There(reference, "Embedding", "Q", type, 4, ofReference), dimensions: [4]);
            DimensionReport left = _ml.Mrl().EvaluateClassification(There(data, "Embedding", "Q", type, 4, ofData), "Q", dimensions: [4]);
            foreach (string metric in apart.Metrics)
            {
                Assert.Equal(expected[4][metric], apart[4, type][metric]);
                Assert.Equal(left[4][metric], one[4, type][metric]);
            }
        }
        Assert.Contains("rows to classify stay in single precision", apart.Note, StringComparison.Ordinal);
        Assert.Contains("those of the reference rows", apart.Note, StringComparison.Ordinal);
        Assert.Contains("both sides are quantized", one.Note, StringComparison.Ordinal);
        Assert.Contains("those of the evaluated rows themselves", one.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Similarity_BitsOfBothSides_CorrelateAsSignsDo()
    {
        float[][] left = SampleVectors.Random(50, 12), right = SampleVectors.Random(50, 12, 9);
        float[] scores = [.. Enumerable.Range(0, 50).Select(i => (float)SampleVectors.Cosine(left[i], right[i]))];
        IDataView data = _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 50).Select(i => new Scored { Left = left[i], Right = right[i], Score = scores[i] }));

        DimensionReport report = _ml.Mrl().EvaluateSimilarity(data, "Left", "Right", dimensions: [12], types: s_types);

        double[] signs = [.. Enumerable.Range(0, 50).Select(i => left[i].Zip(right[i], (x, y) => x > 0 == y > 0 ? 1.0 : -1).Sum() / 12)];
        Assert.Equal(Correlation.Pearson(signs, [.. scores.Select(s => (double)s)]), report[12, EmbeddingType.Binary]["Pearson"], 5);
        Assert.True(report[12, EmbeddingType.Int8]["Pearson"] > 0.999);
        Assert.True(report[12, EmbeddingType.Half]["Pearson"] > 0.99999);
    }

    [Fact]
    public void Recommend_TakesTheFewestBytesThatKeepEnough_AndSaysHowSure()
    {
        DimensionReport report = _ml.Mrl().EvaluateRetrieval(Pairs(300, 32), "Query", "Document", [8, 16, 32], s_retrieval);

        DimensionRecommendation advice = _ml.Mrl().RecommendDimensions(report, 0.95);

        Assert.Equal(1000, advice.Resamples);
        RecommendationRow chosen = Assert.IsType<RecommendationRow>(advice.Chosen);
        Assert.True(chosen.ShareLow >= 0.95 && chosen.Share >= 0.95);
        Assert.DoesNotContain(advice.Rows, row => row.ShareLow >= 0.95 && row.BytesPerVector < chosen.BytesPerVector);
        Assert.True(chosen.BytesPerVector < 128);
        Assert.True(advice.ByEstimate!.BytesPerVector <= chosen.BytesPerVector);
        Assert.All(advice.Rows, row => Assert.True(row.ShareLow <= row.Share && row.Share <= row.ShareHigh));
        Assert.Equal((1.0, 1.0, KeepVerdict.Keeps), (advice.Rows[^1].ShareLow, advice.Rows[^1].Share, advice.Rows[^1].Verdict));
        Assert.Contains($"{chosen.BytesPerVector} bytes per vector instead of 128", advice.Summary, StringComparison.Ordinal);
        // The intervals of single precision are those of the report by dimension: the same resamples.
        DimensionRecommendation byDimension = _ml.Mrl()
            .RecommendDimensions(_ml.Mrl().EvaluateRetrieval(Pairs(300, 32), "Query", "Document", [8, 16, 32]), 0.95);
        Assert.Equal(
            byDimension.Rows.Select(r => (r.ShareLow, r.ShareHigh)),
            advice.Rows.Where(r => r.Type == EmbeddingType.Single).Select(r => (r.ShareLow, r.ShareHigh)));
    }

    [Fact]
    public void Recommend_OddReports_HaveTheirFates()
    {
        MrlOperations mrl = _ml.Mrl();
        DimensionReport few = mrl.EvaluateRetrieval(Pairs(10, 8), "Query", "Document", [4, 8], s_retrieval);
        DimensionReport cut = mrl.EvaluateRetrieval(Pairs(10, 8), "Query", "Document", [4], s_retrieval);

        DimensionRecommendation unsure = mrl.RecommendDimensions(few, 1);

        Assert.Equal(0, unsure.Resamples);
        Assert.Contains("How sure that is was not measured: 10 queries are too few", unsure.Summary, StringComparison.Ordinal);
        Assert.Contains(
            "does not hold the values of its rows", mrl.RecommendDimensions(DimensionReport.FromJson(few.ToJson())).Summary,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => mrl.RecommendDimensions(cut));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.RecommendDimensions(few, 0));
        Assert.Throws<ArgumentException>(() => mrl.RecommendDimensions(few, options: new RecommendationOptions { Metric = "F1" }));
        Assert.Throws<ArgumentException>(() => cut.ToHtml([unsure]));
        var e = Assert.Throws<ArgumentException>(
            () => mrl.EvaluateRetrieval(Pairs(4, 4), "Query", "Document", options: new RetrievalOptions { Types = [], NdcgAt = [0] }));
        Assert.Contains("Types are not given", e.Message, StringComparison.Ordinal);
        Assert.Contains("NdcgAt is 0", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ArgumentException>(
            "types",
            () => mrl.EvaluateSimilarity(Pairs(4, 4), "Query", "Document", "Score", types: [EmbeddingType.Half, EmbeddingType.Half]));
        Assert.Contains("Types are Half, Half", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_AsTableCsvJsonAndPage_TellsTypesAndBytes()
    {
        DimensionReport report = _ml.Mrl().EvaluateRetrieval(Pairs(40, 16), "Query", "Document", [8, 16], s_retrieval).WithName("a<b");
        DimensionRecommendation advice = _ml.Mrl().RecommendDimensions(report, 0.9);

        string[] csv = report.ToCsv().Split("\r\n");
        Assert.StartsWith("Name,Task,Type,Dimensions,BytesPerVector,Recall@1,", csv[0], StringComparison.Ordinal);
        Assert.StartsWith("a<b,retrieval,binary,8,1,", csv[1], StringComparison.Ordinal);
        Assert.StartsWith("a<b,retrieval,float32,16,64,", csv[8], StringComparison.Ordinal);
        Assert.Contains("|  binary |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("float16", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("int8", advice.ToMarkdown(), StringComparison.Ordinal);

        DimensionReport read = DimensionReport.FromJson(report.ToJson());
        Assert.Equal(report.ToCsv(), read.ToCsv());
        Assert.Equal(report.ToJson(), read.ToJson());
        Assert.Throws<InvalidDataException>(() => DimensionReport.FromJson("{}"));
        Assert.Throws<InvalidDataException>(
            () => DimensionReport.FromJson(report.ToJson().Replace("\"int8\"", "\"int4\"", StringComparison.Ordinal)));
        Assert.Throws<InvalidDataException>(
            () => DimensionReport.FromJson(report.ToJson().Replace("\"int8\"", "\"binary\"", StringComparison.Ordinal)));

        string page = report.ToHtml([advice]);
        Assert.Contains("a&lt;b", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a<b", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.Contains("bytes per vector (log₂ scale)", page, StringComparison.Ordinal);
        Assert.Contains("class=\"tag\">choose", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("<svg class=\"chart\"").Length - 1);
        Assert.NotNull(ReportFragment.Write(report));
        Assert.NotNull(ReportFragment.Write(advice));
    }

    private IDataView Pairs(int count, int width)
    {
        var random = new Random(4);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            // Falling variances, as Matryoshka embeddings have them.
            float[] document = [.. Enumerable.Range(0, width).Select(i => (random.NextSingle() - 0.5f) / (1 + (0.1f * i)))];
            return new Pair { Document = document,
                Query = [.. document.Select((v, i) => v + ((random.NextSingle() - 0.5f) * 0.6f / (1 + (0.1f * i))))] };
        }).ToArray(), Sized<Pair>(width, "Query", "Document"));
    }

    private static SchemaDefinition Sized<T>(int width, params string[] columns)
    {
        var definition = SchemaDefinition.Create(typeof(T));
        foreach (string column in columns)
        {
            definition[column].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        }
        return definition;
    }

    private IDataView Labelled(int count, int seed)
    {
        float[][] rows = SampleVectors.Random(count, 10, seed);
        return _ml.Data.LoadFromEnumerable(
            rows.Select((row, i) => new LabelledRow { Embedding = [.. row.Select((v, c) => v + (c == i % 3 ? 0.8f : 0))], Label = i % 3 }));
    }

    private static IEnumerable<IdRow> Ids(int count, int seed)
    {
        float[][] shared = SampleVectors.Random(count, 8, 1), noise = SampleVectors.Random(count, 8, seed);
        return Enumerable.Range(0, count).Select(i => new IdRow { Id = i, Embedding = [.. shared[i].Zip(noise[i], (x, y) => x + y)] })
            .ToArray();
    }

    private IDataView There(IDataView data, string input, string output, EmbeddingType type, int m, Int8Ranges? ranges)
    {
        IDataView quantized = _ml.Transforms.QuantizeEmbedding("Codes", input, type, m, ranges).Fit(data).Transform(data);
        return _ml.Transforms.DequantizeEmbedding(output, "Codes").Fit(quantized).Transform(quantized);
    }

    /// <summary>What comes back, bits as ±1.</summary>
    private static float[][] Back(IDataView view, string column, EmbeddingType type)
        => [.. SampleVectors.Read(view, column).Select(row => type == EmbeddingType.Binary ? [.. row.Select(v => v > 0 ? 1f : -1f)] : row)];

    private sealed class Pair
    {
        public float[] Query { get; set; } = [];

        public float[] Document { get; set; } = [];
    }

    private sealed class IdRow
    {
        public int Id { get; set; }

        public float Number => Id;

        [VectorType(8)]
        public float[] Embedding { get; set; } = [];
    }

    private sealed class Judgement
    {
        public int QueryId { get; set; }

        public int DocumentId { get; set; }
    }

    private sealed class LabelledRow
    {
        [VectorType(10)]
        public float[] Embedding { get; set; } = [];

        public int Label { get; set; }
    }

    private sealed class Scored
    {
        [VectorType(12)]
        public float[] Left { get; set; } = [];

        [VectorType(12)]
        public float[] Right { get; set; } = [];

        public float Score { get; set; }
    }
}

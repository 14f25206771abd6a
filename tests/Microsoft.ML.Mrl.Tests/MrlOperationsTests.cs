using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests;

public sealed class MrlOperationsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Mrl_NullContext_Throws() => Assert.Throws<ArgumentNullException>(() => ((MLContext)null!).Mrl());

    [Fact]
    public void EvaluateClassification_TextLabelsAndReference_ReportsEveryHalvedDimension()
    {
        IDataView train = View(("a", [1, 0, 0, 0]), ("b", [0, 1, 0, 0]));
        IDataView test = View(("a", [1, 0.1f, 0, 0]), ("b", [0.2f, 1, 0, 0]), ("b", [1, 0, 0, 0]), ("", [0, 0, 0, 1]));

        DimensionReport report = _mlContext.Mrl().EvaluateClassification(test, "Embedding", reference: train);

        Assert.Equal([4], report.Rows.Select(row => row.Dimensions));
        Assert.Equal(2 / 3.0, report[4]["1-NN"], 1e-12);
        Assert.Equal(2 / 3.0, report[4]["NearestCentroid"], 1e-12);
        Assert.Equal(3, report.Count);
        Assert.Equal(1, report.Skipped);
        Assert.Equal("1 without a label", report.Note);
        Assert.Equal("classification", report.Task);
    }

    [Fact]
    public void EvaluateClassification_KeysOfDifferentDictionaries_AreComparedByTheirValues()
    {
        // The dictionaries number a and b the other way round.
        IDataView train = Keys(View(("b", [0, 1]), ("a", [1, 0])));
        IDataView test = Keys(View(("a", [1, 0.1f]), ("b", [0.1f, 1]), ("", [0, 0])));

        DimensionReport report = _mlContext.Mrl().EvaluateClassification(test, "Embedding", "Label", train);

        Assert.Equal(1, report.Score);
        Assert.Equal(1, report.Skipped);
    }

    [Theory]
    [InlineData("Integer")]
    [InlineData("Boolean")]
    [InlineData("Byte")]
    public void EvaluateClassification_OtherLabelTypes_AreRead(string labelColumnName)
    {
        DimensionReport report = _mlContext.Mrl().EvaluateClassification(
            _mlContext.Data.LoadFromEnumerable(new[]
            {
                new TypedRow { Embedding = [1, 0], Integer = -1, Boolean = true, Byte = 1 },
                new TypedRow { Embedding = [1, 0.1f], Integer = -1, Boolean = true, Byte = 1 },
                new TypedRow { Embedding = [0, 1], Integer = 7, Boolean = false, Byte = 0 },
                new TypedRow { Embedding = [0.1f, 1], Integer = 7, Boolean = false, Byte = 0 },
            }),
            "Embedding",
            labelColumnName,
            dimensions: new MatryoshkaDimensions(2));
        Assert.Equal(1, report[2]["1-NN"]);
        Assert.Equal(1, report[2]["NearestCentroid"]);
    }

    [Fact]
    public void EvaluateClassification_SkippedRows_AreToldToTheLog()
    {
        var messages = new List<string>();
        _mlContext.Log += (_, e) => messages.Add(e.Message);
        _mlContext.Mrl().EvaluateClassification(View(("a", [1, 0]), ("a", [1, 0]), ("", [1, 0])), "Embedding");
        Assert.Contains(messages, message => message.Contains("1 of 3 skipped; 1 without a label", StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluate_TrainedDimensionsAnnotation_ChoosesThemAndTheFullWidth()
    {
        IDataView data = new AnnotatedView(View(("a", [1, 0, 0, 0, 0]), ("a", [1, 0, 0, 0, 0])), [2, 3]);
        Assert.Equal([2, 3, 5], _mlContext.Mrl().EvaluateClassification(data, "Embedding").Rows.Select(row => row.Dimensions));
    }

    [Fact]
    public void Evaluate_DimensionAboveTheWidth_SaysWhatToChoose()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _mlContext.Mrl().EvaluateClassification(View(("a", [1, 0])), "Embedding", dimensions: new MatryoshkaDimensions(1, 512)));
        Assert.StartsWith("Cannot evaluate at 512: column 'Embedding' has 2 values. Choose 1..2.", error.Message);
        Assert.Equal("dimensions", error.ParamName);
    }

    [Fact]
    public void Evaluate_MissingColumn_SaysWhich()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Mrl().EvaluateClassification(View(("a", [1])), "Vector"));
        Assert.StartsWith("Could not find embedding column 'Vector'", error.Message);
        Assert.Equal("embeddingColumnName", error.ParamName);
    }

    [Fact]
    public void Evaluate_WrongTypes_SayExpectedAndGot()
    {
        IDataView data = View(("a", [1, 2]));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Mrl().EvaluateClassification(data, "Label"));
        Assert.StartsWith("Schema mismatch for embedding column 'Label': expected known-size vector of Single, got String", error.Message);
        error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Mrl().EvaluateClassification(data, "Embedding", "Embedding"));
        Assert.StartsWith(
            "Schema mismatch for label column 'Embedding': expected scalar of key, text, integer or Boolean, got Vector<Single, 2>",
            error.Message);
    }

    [Fact]
    public void Evaluate_VectorOfUnknownSize_IsRefused()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { new Row { Label = "a", Embedding = [1] } });
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Mrl().EvaluateClassification(data, "Embedding"));
        Assert.StartsWith(
            "Schema mismatch for embedding column 'Embedding': expected known-size vector of Single, got VarVector<Single>", error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Evaluate_ValueNotFinite_NamesColumnRowAndSlot(float value)
    {
        IDataView data = View(("a", [1, 0]), ("", [1, 0]), ("a", [0, value]));
        var error = Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateClassification(data, "Embedding"));
        Assert.StartsWith("The embedding column 'Embedding' has ", error.Message);
        Assert.Contains("in row 2, slot 1 (both counted from 0)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NoRows_SaysSo()
    {
        IDataView empty = _mlContext.Data.FilterRowsByColumn(_mlContext.Data.LoadFromEnumerable(new[] { new PairRow() }), "Score", 5, 6);
        Assert.StartsWith(
            "Nothing to evaluate: data has no row",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateSimilarity(empty, "Left", "Right")).Message);
        Assert.StartsWith(
            "Nothing to evaluate: pairs has no rows",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateRetrieval(empty, "Left", "Right")).Message);
        Assert.StartsWith(
            "Nothing to evaluate: data has no row with a value in label column 'Label' (1 without)",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateClassification(View(("", [1])), "Embedding")).Message);
    }

    [Fact]
    public void EvaluateClassification_OneRowWithoutReference_AsksForMore()
        => Assert.StartsWith(
            "Leaving one row out needs at least 2 rows",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateClassification(View(("a", [1])), "Embedding")).Message);

    [Fact]
    public void EvaluateClassification_ReferenceOfAnotherWidth_IsRefused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _mlContext.Mrl().EvaluateClassification(View(("a", [1, 2])), "Embedding", reference: View(("a", [1, 2, 3]))));
        Assert.StartsWith(
            "Schema mismatch for reference embedding column 'Embedding': expected Vector<Single, 2>, got Vector<Single, 3>", error.Message);
    }

    [Fact]
    public void Evaluate_SparseVectors_AreReadLikeDenseOnes()
    {
        IDataView words = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new PairRow { Id = "red" }, new PairRow { Id = "green" }, new PairRow { Id = "red" }, new PairRow { Id = "green" },
        });
        IDataView sparse = _mlContext.Transforms.Categorical.OneHotEncoding("Embedding", "Id").Fit(words).Transform(words);
        DimensionReport report = _mlContext.Mrl()
            .EvaluateClassification(sparse, "Embedding", "Id", dimensions: new MatryoshkaDimensions(1, 2));
        Assert.Equal(1, report[2]["1-NN"]);
    }

    [Fact]
    public void EvaluateSimilarity_Pairs_SkipsThoseWithoutAScore()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new PairRow { Left = [1, 0], Right = [1, 0], Score = 5 },
            new PairRow { Left = [1, 0], Right = [1, 1], Score = 3 },
            new PairRow { Left = [1, 0], Right = [0, 1], Score = 1 },
            new PairRow { Left = [1, 0], Right = [0, 1], Score = float.NaN },
        });
        DimensionReport report = _mlContext.Mrl().EvaluateSimilarity(data, "Left", "Right", dimensions: new MatryoshkaDimensions(2));
        Assert.Equal(1, report.Score, 1e-12);
        Assert.Equal(3, report.Count);
        Assert.Equal("1 without a score", report.Note);
    }

    [Fact]
    public void EvaluateSimilarity_InfiniteScore_NamesTheRow()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { new PairRow { Score = float.PositiveInfinity } });
        var error = Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateSimilarity(data, "Left", "Right"));
        Assert.Contains("in row 0 (counted from 0)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateRetrieval_ThreeViews_JoinsIdsByTheirText()
    {
        // Integer ids on one side, texts on the other; one judgement of an unknown query, one of an unknown document.
        IDataView queries = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new IntegerIdRow { Number = 1, Embedding = [1, 0] },
            new IntegerIdRow { Number = 2, Embedding = [0, 1] },
            new IntegerIdRow { Number = 3, Embedding = [1, 1] },
        });
        IDataView documents = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new PairRow { Id = "x", Left = [1, 0.1f] },
            new PairRow { Id = "y", Left = [0.1f, 1] },
        });
        IDataView relevance = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new Judgement { QueryId = "1", DocumentId = "x", Grade = 2 },
            new Judgement { QueryId = "2", DocumentId = "x", Grade = 1 },
            new Judgement { QueryId = "2", DocumentId = "gone", Grade = 1 },
            new Judgement { QueryId = "3", DocumentId = "y", Grade = 0 },
            new Judgement { QueryId = "99", DocumentId = "y", Grade = 1 },
        });
        var columns = new RetrievalColumns { QueryId = "Number", DocumentId = "Id", DocumentEmbedding = "Left", RelevanceScore = "Grade" };

        DimensionReport report = _mlContext.Mrl().EvaluateRetrieval(queries, documents, relevance, columns);

        Assert.Equal(2, report.Count);
        Assert.Equal(1, report.Skipped);
        Assert.Equal(
            "1 without a relevant document; 1 judgements name a document that is not there, which counts as not found", report.Note);
        Assert.Equal(0.5, report[2]["Recall@1"]);
        Assert.Equal(0.75, report[2]["MRR@10"]);
    }

    [Fact]
    public void EvaluateRetrieval_IdTwice_NamesBothRows()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(
            new[] { new PairRow { Id = "x" }, new PairRow { Id = "y" }, new PairRow { Id = "x" } });
        IDataView relevance = _mlContext.Data.LoadFromEnumerable(new[] { new Judgement { QueryId = "x", DocumentId = "x" } });
        var columns = new RetrievalColumns { QueryId = "Id", DocumentId = "Id", QueryEmbedding = "Left", DocumentEmbedding = "Right" };
        var error = Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateRetrieval(rows, rows, relevance, columns));
        Assert.StartsWith("The id 'x' in column 'Id' of queries is in row 0 and again in row 2 (counted from 0).", error.Message);
    }

    [Fact]
    public void EvaluateRetrieval_JudgementsThatJoinNothing_SaysSo()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[] { new PairRow { Id = "x" } });
        IDataView relevance = _mlContext.Data.LoadFromEnumerable(new[] { new Judgement { QueryId = "x", DocumentId = "other" } });
        var columns = new RetrievalColumns { QueryId = "Id", DocumentId = "Id", QueryEmbedding = "Left", DocumentEmbedding = "Right" };
        Assert.StartsWith(
            "Nothing to evaluate: no judgement above 0 joins a query to a document.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Mrl().EvaluateRetrieval(rows, rows, relevance, columns)).Message);
    }

    [Fact]
    public void EvaluateRetrieval_Pairs_FindsTheRowsOwnDocument()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new PairRow { Left = [1, 0], Right = [1, 0.1f] },
            new PairRow { Left = [0, 1], Right = [0.1f, 1] },
        });
        DimensionReport report = _mlContext.Mrl().EvaluateRetrieval(data, "Left", "Right");
        Assert.Equal(1, report.Score);
        Assert.Equal("retrieval", report.Task);
        Assert.Equal("nDCG@10", report.PrimaryMetric);
    }

    [Fact]
    public void Evaluate_OtherColumns_AreNotRead()
    {
        IDataView data = _mlContext.Transforms.CustomMapping<PairRow, Broken>(
            (_, _) => throw new InvalidOperationException("Read needlessly."), null)
            .Fit(_mlContext.Data.LoadFromEnumerable(
                new[] { new PairRow { Left = [1, 0], Right = [1, 0] }, new PairRow { Left = [0, 1], Right = [0, 1] } }))
            .Transform(
                _mlContext.Data.LoadFromEnumerable(
                    new[] { new PairRow { Left = [1, 0], Right = [1, 0] }, new PairRow { Left = [0, 1], Right = [0, 1] } }));
        Assert.Equal(1, _mlContext.Mrl().EvaluateRetrieval(data, "Left", "Right").Score);
    }

    [Fact]
    public void EvaluateRetrieval_IgnoreIdenticalIds_LeavesTheQueryItselfOutOfItsRanking()
    {
        // Every query is a document too: nearest to itself, then to the document that is relevant to it.
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new PairRow { Id = "a", Left = [1, 0] },
            new PairRow { Id = "b", Left = [1, 0.5f] },
            new PairRow { Id = "c", Left = [0, 1] },
        });
        IDataView relevance = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new Judgement { QueryId = "a", DocumentId = "b", Grade = 1 },
            new Judgement { QueryId = "c", DocumentId = "b", Grade = 1 },
            new Judgement { QueryId = "b", DocumentId = "b", Grade = 1 },
        });
        var columns = new RetrievalColumns { QueryId = "Id", DocumentId = "Id", QueryEmbedding = "Left", DocumentEmbedding = "Left" };
        MrlOperations mrl = _mlContext.Mrl();

        DimensionReport all = mrl.EvaluateRetrieval(rows, rows, relevance, columns, [2]);
        DimensionReport others = mrl.EvaluateRetrieval(
            rows, rows, relevance, columns, [2], new RetrievalOptions { IgnoreIdenticalIds = true });

        Assert.Equal(1 / 3.0, all[2]["Recall@1"], 1e-12);
        // A query that is judged relevant to itself cannot be found, as in BEIR.
        Assert.Equal(2 / 3.0, others[2]["Recall@1"], 1e-12);
        Assert.Equal(2 / 3.0, others[2]["MRR@10"], 1e-12);
        Assert.Equal((1 + 0.5 + 0.5) / 3, all[2]["MRR@10"], 1e-12);
    }

    private IDataView View(params (string Label, float[] Embedding)[] rows)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema["Embedding"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Embedding.Length);
        return _mlContext.Data.LoadFromEnumerable(
            rows.Select(row => new Row { Label = row.Label, Embedding = row.Embedding }).ToArray(), schema);
    }

    private IDataView Keys(IDataView view) => _mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }

    private sealed class TypedRow
    {
        [VectorType(2)]
        public float[] Embedding { get; set; } = [];

        public int Integer { get; set; }

        public bool Boolean { get; set; }

        public byte Byte { get; set; }
    }

    private sealed class IntegerIdRow
    {
        public long Number { get; set; }

        [VectorType(2)]
        public float[] Embedding { get; set; } = [];
    }

    private sealed class PairRow
    {
        public string Id { get; set; } = "";

        [VectorType(2)]
        public float[] Left { get; set; } = [1, 0];

        [VectorType(2)]
        public float[] Right { get; set; } = [1, 0];

        public float Score { get; set; }
    }

    private sealed class Judgement
    {
        public string QueryId { get; set; } = "";

        public string DocumentId { get; set; } = "";

        public int Grade { get; set; }
    }

    private sealed class Broken
    {
        public float Unwanted { get; set; }
    }

    /// <summary>A view whose Embedding column names its trained dimensions.</summary>
    private sealed class AnnotatedView : IDataView
    {
        private readonly IDataView _inner;

        public AnnotatedView(IDataView inner, int[] trained)
        {
            _inner = inner;
            var schema = new DataViewSchema.Builder();
            foreach (DataViewSchema.Column column in inner.Schema)
            {
                var annotations = new DataViewSchema.Annotations.Builder();
                if (column.Name == "Embedding")
                {
                    annotations.Add(
                        EmbeddingAnnotations.TrainedDimensions,
                        new VectorDataViewType(NumberDataViewType.Int32, trained.Length),
                        (ref VBuffer<int> value) => value = new VBuffer<int>(trained.Length, trained));
                }
                schema.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
            }
            Schema = schema.ToSchema();
        }

        public DataViewSchema Schema { get; }

        public bool CanShuffle => false;

        public long? GetRowCount() => _inner.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
            => _inner.GetRowCursor(columnsNeeded.Select(column => _inner.Schema[column.Index]), rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [GetRowCursor(columnsNeeded, rand)];
    }
}

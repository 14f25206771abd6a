using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class TruncateEmbeddingSchemaTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_MoreDimensionsThanTheColumnHas_SaysWhatToChoose()
    {
        IDataView view = SampleVectors.View(_ml, 384, []);

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.TruncateEmbedding("Short", "Embedding", 512).Fit(view));

        Assert.Equal("dimensions", e.ParamName);
        Assert.Equal(512, e.ActualValue);
        Assert.StartsWith("Cannot truncate to 512: column 'Embedding' has 384 values. Choose 1..384.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void TruncateEmbedding_DimensionsBelowOne_Refuses(int dimensions)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.TruncateEmbedding("Short", "Embedding", dimensions));

        Assert.Equal("dimensions", e.ParamName);
        Assert.StartsWith(
            $"Cannot truncate to {dimensions}: a prefix has at least 1 value. Choose 1 or more.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TruncateEmbedding_UnknownNormalization_Refuses()
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.TruncateEmbedding("Short", "Embedding", 3, (EmbeddingNormalization)9));

        Assert.Equal("normalization", e.ParamName);
        Assert.StartsWith("Normalization 9 is not known. Choose UnitLength or None.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TruncateEmbedding_OutputColumnNamedTwice_Refuses()
    {
        InputOutputColumnPair[] columns = [new("Short", "A"), new("Short", "B")];

        var e = Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.TruncateEmbedding(columns, 3));

        Assert.Contains("'Short'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TruncateEmbedding_NoColumns_Refuses()
    {
        Assert.Throws<ArgumentException>(() => _ml.Transforms.TruncateEmbedding([], 3));
        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.TruncateEmbedding((InputOutputColumnPair[])null!, 3));
    }

    [Theory]
    [InlineData("Missing", "Could not find input column 'Missing'")]
    [InlineData("Scalar", "Schema mismatch for input column 'Scalar': expected known-size vector of Single, got Single")]
    [InlineData("Doubles", "Schema mismatch for input column 'Doubles': expected known-size vector of Single, got Vector<Double, 3>")]
    [InlineData("Variable", "Schema mismatch for input column 'Variable': expected known-size vector of Single, got VarVector<Single>")]
    public void Fit_ColumnThatIsNoEmbedding_NamesRoleColumnExpectedAndGot(string column, string message)
    {
        IDataView view = OtherColumns();

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.TruncateEmbedding("Short", column, 2).Fit(view));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Missing", "Could not find input column 'Missing'")]
    [InlineData("Scalar", "Schema mismatch for input column 'Scalar': expected known-size vector of Single, got Single")]
    [InlineData("Doubles", "Schema mismatch for input column 'Doubles': expected known-size vector of Single, got Vector<Double>")]
    [InlineData("Variable", "Schema mismatch for input column 'Variable': expected known-size vector of Single, got VarVector<Single>")]
    public void GetOutputSchema_InAChainedPipeline_NamesRoleColumnExpectedAndGot(string column, string message)
    {
        IDataView view = OtherColumns();
        var pipeline = _ml.Transforms.CopyColumns("Copy", "Scalar").Append(_ml.Transforms.TruncateEmbedding("Short", column, 2));

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(SchemaShape.Create(view.Schema)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Doubles", "ConvertType(\"Doubles\", outputKind: DataKind.Single)")]
    [InlineData("Bytes", "ConvertType(\"Bytes\", outputKind: DataKind.Single)")]
    [InlineData("Variable", "[VectorType(n)]")]
    [InlineData("Variable", "inputSchemaDefinition")]
    public void ColumnThatCanBecomeAnEmbedding_ErrorSaysHow(string column, string hint)
    {
        IDataView view = OtherColumns();
        IEstimator<TruncateEmbeddingTransformer> estimator = _ml.Transforms.TruncateEmbedding("Short", column, 2);

        Assert.Contains(hint, Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message, StringComparison.Ordinal);
        Assert.Contains(
            hint, Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaShape.Create(view.Schema))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1, 6, 8)]
    [InlineData(true, 6, 8)]
    [InlineData(false, 1, 48)]
    [InlineData(false, 1, 1, 48, 1)]
    public void VectorForEachToken_IsRefusedBySayingPool_AVectorOfOneRowIsNot(bool refused, params int[] shape)
    {
        VBuffer<float> row = SampleVectors.Dense([.. Enumerable.Range(1, 48).Select(i => (float)i)]);
        IDataView view = SampleVectors.View(
            _ml, 48, [row], column => column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, shape));
        IEstimator<ITransformer>[] steps = [
            _ml.Transforms.TruncateEmbedding("Short", "Embedding", 8),
            _ml.Transforms.ApplyEmbeddingHead("Short", "Embedding", SampleHeads.Random(48, 8, [8]))];

        foreach (IEstimator<ITransformer> step in steps)
        {
            if (!refused)
            {
                Assert.Single(SampleVectors.Read(step.Fit(view).Transform(view), "Short"));
                continue;
            }
            string message = Assert.Throws<ArgumentOutOfRangeException>(() => step.Fit(view)).Message;
            Assert.Contains(
                "Schema mismatch for input column 'Embedding': expected one vector a row, got Vector<Single, ", message,
                StringComparison.Ordinal);
            Assert.Contains("Pool them to one first", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Transform_UnitLength_MarksTheColumnAsNormalized()
    {
        IDataView view = SampleVectors.View(_ml, 4, []);

        DataViewSchema.Column unit = Column(view, 3, EmbeddingNormalization.UnitLength);
        DataViewSchema.Column raw = Column(view, 3, EmbeddingNormalization.None);

        Assert.True(unit.IsNormalized());
        Assert.False(raw.IsNormalized());
        Assert.Null(raw.Annotations.Schema.GetColumnOrNull("IsNormalized"));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), unit.Type);
    }

    [Fact]
    public void Transform_CarriesTrainedDimensionsUpToTheCutAndTheFingerprint()
    {
        IDataView view = SampleVectors.View(_ml, 16, [], c =>
        {
            SampleVectors.TrainedAt(c, 4, 8, 16);
            c.AddAnnotation(EmbeddingAnnotations.HeadFingerprint, "0123456789abcdef".AsMemory(), TextDataViewType.Instance);
        });

        DataViewSchema.Column got = Column(view, 8);

        Assert.True(EmbeddingAnnotations.TryGetTrainedDimensions(got, out MatryoshkaDimensions? trained));
        Assert.Equal([4, 8], trained);
        Assert.Equal("0123456789abcdef", EmbeddingAnnotations.TryGetHeadFingerprint(got));
        Assert.False(EmbeddingAnnotations.TryGetTrainedDimensions(Column(view, 3), out _));
    }

    [Fact]
    public void Transform_CarriesTheFirstSlotNames()
    {
        string[] names = ["a", "b", "c", "d"];
        IDataView view = SampleVectors.View(
            _ml, 4, [],
            c => c.AddAnnotation(
                "SlotNames", new VBuffer<ReadOnlyMemory<char>>(4, [.. names.Select(n => n.AsMemory())]),
                new VectorDataViewType(TextDataViewType.Instance, 4)));

        VBuffer<ReadOnlyMemory<char>> got = default;
        Column(view, 2).GetSlotNames(ref got);

        Assert.Equal(["a", "b"], got.DenseValues().Select(n => n.ToString()));
        Assert.False(Column(SampleVectors.View(_ml, 4, []), 2).HasSlotNames());
    }

    [Fact]
    public void GetOutputSchema_TellsTheColumnAndItsAnnotations()
    {
        IDataView view = SampleVectors.View(_ml, 16, [], c => SampleVectors.TrainedAt(c, 4, 8, 16));

        SchemaShape shape = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 8).GetOutputSchema(SchemaShape.Create(view.Schema));
        SchemaShape.Column got = shape.Single(c => c.Name == "Short");

        SchemaShape real = SchemaShape.Create(
            _ml.Transforms.TruncateEmbedding("Short", "Embedding", 8).Fit(view).GetOutputSchema(view.Schema));
        SchemaShape.Column expected = real.Single(c => c.Name == "Short");
        Assert.True(expected.IsCompatibleWith(got));
        Assert.Equal(expected.Annotations.Select(a => a.Name).Order(), got.Annotations.Select(a => a.Name).Order());
        Assert.Contains(shape, c => c.Name == "Embedding");
    }

    [Fact]
    public void Transform_BelowTheSmallestTrainedDimension_WarnsExactlyOnce()
    {
        List<string> warnings = Warnings();
        IDataView view = SampleVectors.View(_ml, 16, [SampleVectors.Dense(new float[16])], c => SampleVectors.TrainedAt(c, 4, 8, 16));

        TruncateEmbeddingTransformer transformer = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 3).Fit(view);
        transformer.GetOutputSchema(view.Schema);
        SampleVectors.Read(transformer.Transform(view), "Short");
        SampleVectors.Read(transformer.Transform(view), "Short");

        string warning = Assert.Single(warnings);
        Assert.Contains(
            "Column 'Embedding' is cut to 3, below its smallest trained dimension 4 (trained: 4, 8, 16)", warning,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_BetweenTrainedDimensions_DoesNotWarn()
    {
        List<string> warnings = Warnings();
        IDataView view = SampleVectors.View(_ml, 16, [], c => SampleVectors.TrainedAt(c, 4, 8, 16));

        _ml.Transforms.TruncateEmbedding("Short", "Embedding", 5).Fit(view);
        _ml.Transforms.TruncateEmbedding("Short", "Embedding", 4).Fit(view);

        Assert.Empty(warnings);
    }

    [Fact]
    public void Truncate_ColumnWithoutAName_KeepsItsName()
    {
        IDataView view = SampleVectors.View(_ml, 3, [SampleVectors.Dense(3, 4, 5)]);

        IDataView got = _ml.Transforms.TruncateEmbedding("Embedding", null, 2).Fit(view).Transform(view);

        Assert.Equal([0.6f, 0.8f], SampleVectors.Read(got, "Embedding")[0]);
    }

    private List<string> Warnings()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(e.Message);
            }
        };
        return warnings;
    }

    private DataViewSchema.Column Column(
        IDataView view, int dimensions, EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength) =>
        _ml.Transforms.TruncateEmbedding("Short", "Embedding", dimensions, normalization).Fit(view).Transform(view).Schema["Short"];

    private IDataView OtherColumns() => _ml.Data.LoadFromEnumerable([new OtherRow()]);

    private sealed class OtherRow
    {
        public float Scalar { get; set; }

        [VectorType(3)]
        public double[] Doubles { get; set; } = [1, 2, 3];

        [VectorType(3)]
        public byte[] Bytes { get; set; } = [1, 2, 3];

        [VectorType]
        public float[] Variable { get; set; } = [1, 2];
    }

    private sealed class VectorRow
    {
        public VBuffer<float> Embedding { get; set; }
    }
}

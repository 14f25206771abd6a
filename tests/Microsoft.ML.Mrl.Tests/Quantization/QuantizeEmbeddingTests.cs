using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class QuantizeEmbeddingTests
{
    private readonly MLContext _ml = new(1);
    private readonly float[][] _rows = [.. SampleVectors.Random(120, 11), new float[11]];

    [Theory]
    [InlineData(EmbeddingType.Half, null)]
    [InlineData(EmbeddingType.Int8, null)]
    [InlineData(EmbeddingType.Binary, null)]
    [InlineData(EmbeddingType.Half, 5)]
    [InlineData(EmbeddingType.Int8, 5)]
    [InlineData(EmbeddingType.Binary, 5)]
    [InlineData(EmbeddingType.Int8, 1)]
    [InlineData(EmbeddingType.Binary, 1)]
    public void Transform_GivesWhatPlainLoopsGive(EmbeddingType type, int? dimensions)
    {
        IDataView view = SampleVectors.View(_ml, _rows);

        IDataView quantized = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions).Fit(view).Transform(view);

        float[][] kept = dimensions is { } m ? [.. _rows.Select(row => SampleVectors.TruncatedByHand(row, m))] : _rows;
        int width = kept[0].Length;
        switch (type)
        {
            case EmbeddingType.Half:
                Assert.Equal(new VectorDataViewType(NumberDataViewType.UInt16, width), quantized.Schema["Q"].Type);
                AssertNear(
                    [.. kept.Select(row => row.Select(v => (float)(Half)v).ToArray())],
                    [.. Read<ushort>(quantized, "Q").Select(bits => bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)).ToArray())],
                    0.001f);
                break;
            case EmbeddingType.Int8:
                Assert.Equal(new VectorDataViewType(NumberDataViewType.SByte, width), quantized.Schema["Q"].Type);
                AssertNear(
                    [.. kept.Select(
                        row => row.Select(
                            (v, i) => (float)Math.Round(
                                (v - kept.Min(r => r[i])) / ((double)kept.Max(r => r[i]) - kept.Min(r => r[i])) * 255) - 128).ToArray())],
                    [.. Read<sbyte>(quantized, "Q").Select(codes => codes.Select(c => (float)c).ToArray())],
                    1f);
                break;
            default:
                Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, (width + 7) / 8), quantized.Schema["Q"].Type);
                Assert.Equal(
                    kept.Select(
                        row => row.Chunk(8).Select(eight => (byte)eight.Select((v, i) => v > 0 ? 1 << (7 - i) : 0).Sum()).ToArray()),
                        Read<byte>(quantized, "Q"));
                break;
        }
    }

    [Fact]
    public void SavedRanges_ByteChanged_IsRefused()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        using var stream = new MemoryStream();
        _ml.Model.Save(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8).Fit(view), view.Schema, stream);
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            System.IO.Compression.ZipArchiveEntry entry = Assert.Single(zip.Entries, e => e.Name == "Ranges.bin");
            using Stream content = entry.Open();
            content.Position = 40;
            int value = content.ReadByte();
            content.Position = 40;
            content.WriteByte((byte)(value ^ 1));
        }
        stream.Position = 0;

        var e = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(stream, out _));

        Assert.Contains("checksum does not match", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e38f)]
    [InlineData(3e38f)]
    [InlineData(float.MaxValue)]
    public void Int8_HugeValues_ComeBackFiniteAndToHalfAStep(float value)
    {
        float[][] rows = [[-value, 0], [value, value], [0, value / 2], [value / 3, value / 4]];
        IDataView view = SampleVectors.View(_ml, rows);

        IDataView back = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8)
            .Append(_ml.Transforms.DequantizeEmbedding("Back", "Q"))
            .Fit(view).Transform(view);

        foreach ((float[] expected, float[] got) in rows.Zip(SampleVectors.Read(back, "Back")))
        {
            Assert.Equal(expected[0] / value, got[0] / value, 1.001 / 255);
            Assert.Equal(expected[1] / value, got[1] / value, 0.501 / 255);
        }
    }

    [Fact]
    public void Fit_Int8_FindsTheRangesOfThePrefixAfterItWasRescaled()
    {
        IDataView view = SampleVectors.View(_ml, [[3, 4, 100], [0, -2, 7], [0, 0, 5]]);

        QuantizeEmbeddingTransformer direct = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, 2).Fit(view);
        IDataView cut = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 2).Fit(view).Transform(view);
        QuantizeEmbeddingTransformer after = _ml.Transforms.QuantizeEmbedding("Q", "Short", EmbeddingType.Int8).Fit(cut);

        Assert.Equal([0f, -1f], direct.Ranges!.Minimum.ToArray());
        Assert.Equal([0.6f, 0.8f], direct.Ranges.Maximum.ToArray());
        Assert.Equal(direct.Ranges.Minimum.ToArray(), after.Ranges!.Minimum.ToArray());
        Assert.Equal(direct.Ranges.Maximum.ToArray(), after.Ranges.Maximum.ToArray());
        Assert.Equal(Read<sbyte>(direct.Transform(view), "Q"), Read<sbyte>(after.Transform(cut), "Q"));
    }

    [Fact]
    public void Fit_SeveralColumns_SharesTheirRanges()
    {
        IDataView view = SampleVectors.View(_ml, [[1, 0], [0, 1]]);
        view = _ml.Transforms.ApplyEmbeddingHead("Other", "Embedding", new LinearHead([-2, 0, 0, -2], new float[2], [2])).Fit(view)
            .Transform(view);

        QuantizeEmbeddingTransformer fitted = _ml.Transforms.QuantizeEmbedding(
            [new("A", "Embedding"), new("B", "Other")], EmbeddingType.Int8).Fit(view);

        Assert.Equal([-2f, -2f], fitted.Ranges!.Minimum.ToArray());
        Assert.Equal([1f, 1f], fitted.Ranges.Maximum.ToArray());
        Assert.Equal([127, 42], Read<sbyte>(fitted.Transform(view), "A")[0]);
    }

    [Fact]
    public void Transform_WithGivenRanges_KeepsToTheirEndsAndConstantDimensionsAreZero()
    {
        IDataView view = SampleVectors.View(_ml, [[-9, 0.5f, 3], [9, 1, 4]]);

        QuantizeEmbeddingTransformer transformer = _ml.Transforms.QuantizeEmbedding(
            "Q", "Embedding", EmbeddingType.Int8, ranges: new Int8Ranges([-1, 0, 2], [1, 1, 2])).Fit(view);

        Assert.Equal([[-128, 0, 0], [127, 127, 0]], Read<sbyte>(transformer.Transform(view), "Q"));
    }

    [Fact]
    public void Transform_SparseRows_AreTheSameAsDenseOnes()
    {
        IDataView sparse = SampleVectors.View(_ml, 9, [SampleVectors.Sparse(9, (1, 3f), (4, -4f), (8, 2f)), SampleVectors.Sparse(9)]);
        IDataView dense = SampleVectors.View(_ml, [[0, 3, 0, 0, -4, 0, 0, 0, 2], new float[9]]);
        foreach (EmbeddingType type in (EmbeddingType[])[EmbeddingType.Half, EmbeddingType.Int8, EmbeddingType.Binary])
        {
            QuantizeEmbeddingTransformer fitted = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 6).Fit(dense);
            IDataView a = _ml.Transforms.DequantizeEmbedding("B", "Q").Fit(fitted.Transform(dense)).Transform(fitted.Transform(dense));
            IDataView b = _ml.Transforms.DequantizeEmbedding("B", "Q").Fit(fitted.Transform(sparse)).Transform(fitted.Transform(sparse));
            Assert.Equal(SampleVectors.Read(a, "B"), SampleVectors.Read(b, "B"));
        }
    }

    [Theory]
    [InlineData(EmbeddingType.Half, float.NaN)]
    [InlineData(EmbeddingType.Int8, float.PositiveInfinity)]
    [InlineData(EmbeddingType.Binary, float.NaN)]
    [InlineData(EmbeddingType.Half, 70000f)]
    public void Transform_WhatCannotBeHeld_NamesTheRowAndSlot(EmbeddingType type, float bad)
    {
        IDataView good = SampleVectors.View(_ml, [[1, 2, 3], [3, 2, 1]]);
        IDataView view = SampleVectors.View(_ml, [[1, 2, 3], [1, bad, 3]]);
        QuantizeEmbeddingTransformer transformer = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type).Fit(good);

        var e = Assert.Throws<InvalidOperationException>(() => transformer.Transform(view).Preview(10));

        Assert.Contains("'Embedding'", e.Message, StringComparison.Ordinal);
        Assert.Contains("row 1, slot 1", e.Message, StringComparison.Ordinal);
        // Behind the prefix it is not looked at, and what is rescaled fits any type.
        IDataView cut = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 1).Fit(good).Transform(view);
        Assert.Equal(2, cut.Preview(10).RowView.Length);
    }

    [Fact]
    public void Fit_OnNoRowsOrBadOnes_SaysSo()
    {
        IDataView none = SampleVectors.View(_ml, 3, []);
        var e = Assert.Throws<InvalidOperationException>(
            () => _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8).Fit(none));
        Assert.Contains("no rows", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(
            () => _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8).Fit(SampleVectors.View(_ml, [[1, float.NaN]])));
        Assert.Empty(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Binary).Fit(none).Transform(none).Preview(5).RowView);
        Assert.Empty(
            _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, ranges: new Int8Ranges([0, 0, 0], [1, 1, 1])).Fit(none)
            .Transform(none).Preview(5).RowView);
    }

    [Fact]
    public void Create_ThatMakesNoSense_SaysSo()
    {
        TransformsCatalog transforms = _ml.Transforms;
        Assert.Throws<ArgumentOutOfRangeException>(() => transforms.QuantizeEmbedding("Q", "E", EmbeddingType.Single));
        Assert.Throws<ArgumentOutOfRangeException>(() => transforms.QuantizeEmbedding("Q", "E", (EmbeddingType)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => transforms.QuantizeEmbedding("Q", "E", EmbeddingType.Int8, 0));
        Assert.Throws<ArgumentException>(
            () => transforms.QuantizeEmbedding("Q", "E", EmbeddingType.Binary, ranges: new Int8Ranges([0], [1])));
        Assert.Throws<ArgumentException>(() => transforms.QuantizeEmbedding("Q", "E", EmbeddingType.Int8, 2, new Int8Ranges([0], [1])));
        Assert.Throws<ArgumentException>(() => transforms.QuantizeEmbedding([], EmbeddingType.Int8));
    }

    [Fact]
    public void Transform_OfAnotherWidth_IsRefused()
    {
        IDataView view = SampleVectors.View(_ml, _rows), other = SampleVectors.View(_ml, SampleVectors.Random(3, 4));
        QuantizeEmbeddingTransformer whole = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8).Fit(view);
        QuantizeEmbeddingTransformer prefix = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, 5).Fit(view);

        Assert.Throws<ArgumentOutOfRangeException>(() => whole.Transform(other));
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => prefix.Transform(other));
        Assert.Contains("Choose 1..4", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.QuantizeEmbedding("Q", "Missing", EmbeddingType.Binary).Fit(view));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.DequantizeEmbedding("Q", "Embedding").Fit(view));
    }

    [Theory]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Int8)]
    [InlineData(EmbeddingType.Binary)]
    public void Schema_ToldBefore_IsTheOneThatComes(EmbeddingType type)
    {
        IDataView view = SampleVectors.View(_ml, _rows, column => SampleVectors.TrainedAt(column, 4, 8, 11));
        view = _ml.Transforms.ApplyEmbeddingHead("Headed", "Embedding", SampleHeads.Random(11, 11, [4, 11])).Fit(view).Transform(view);
        var quantize = _ml.Transforms.QuantizeEmbedding([new("A", "Embedding"), new("B", "Headed")], type, 8);
        var pipeline = quantize.Append(_ml.Transforms.DequantizeEmbedding("Back", "B"));

        SchemaShape told = pipeline.GetOutputSchema(SchemaShape.Create(view.Schema));
        DataViewSchema come = pipeline.Fit(view).Transform(view).Schema;

        foreach (string name in (string[])["A", "B", "Back"])
        {
            SchemaShape.Column expected = told.Single(c => c.Name == name), got = SchemaShape.Create(come).Single(c => c.Name == name);
            Assert.Equal(expected.GetTypeString(), got.GetTypeString());
            Assert.Equal(expected.Annotations.Select(c => c.Name).Order(), got.Annotations.Select(c => c.Name).Order());
        }
        Assert.True(QuantizationAnnotations.TryRead(come["B"], out QuantizedColumn? column));
        Assert.Equal((type, 8), (column.Type, column.Dimensions));
        Assert.True(EmbeddingAnnotations.TryGetTrainedDimensions(come["A"], out MatryoshkaDimensions? trained));
        Assert.Equal([4, 8], trained);
        Assert.Equal(
            EmbeddingAnnotations.TryGetHeadFingerprint(view.Schema["Headed"]), EmbeddingAnnotations.TryGetHeadFingerprint(come["B"]));
        Assert.NotNull(EmbeddingAnnotations.TryGetHeadFingerprint(come["Back"]));
    }

    [Theory]
    [InlineData(EmbeddingType.Half, null)]
    [InlineData(EmbeddingType.Int8, 5)]
    [InlineData(EmbeddingType.Int8, null)]
    [InlineData(EmbeddingType.Binary, 5)]
    public void SaveThenLoad_ComesBackAsItself(EmbeddingType type, int? dimensions)
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        QuantizeEmbeddingTransformer saved = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions).Fit(view);
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, view.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        var got = Assert.IsType<QuantizeEmbeddingTransformer>(loaded is IEnumerable<ITransformer> chain ? Assert.Single(chain) : loaded);
        Assert.Equal((type, dimensions), (got.Type, got.Dimensions));
        IDataView before = _ml.Transforms.DequantizeEmbedding("Back", "Q").Fit(saved.Transform(view)).Transform(saved.Transform(view));
        IDataView after = _ml.Transforms.DequantizeEmbedding("Back", "Q").Fit(got.Transform(view)).Transform(got.Transform(view));
        Assert.Equal(SampleVectors.Read(before, "Back"), SampleVectors.Read(after, "Back"));
    }

    [Theory]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Int8)]
    [InlineData(EmbeddingType.Binary)]
    public void SaveThenLoad_FreshProcess_ComesBackAsItselfWithTheSameNumbers(EmbeddingType type)
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        ITransformer model = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, 5)
            .Append(_ml.Transforms.DequantizeEmbedding("Back", "Q")).Fit(view);

        FreshProcess child = FreshProcess.Apply(_ml, model, view.Schema, _rows, "Back");

        Assert.Equal(
            ["Microsoft.ML.Mrl.QuantizeEmbeddingTransformer", "Microsoft.ML.Mrl.Transforms.DequantizeEmbeddingTransformer"], child.Steps);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Back"), child.Columns["Back"]);
        Assert.False(child.HasTorchSharp);
    }

    [Fact]
    public void SavedRows_KeepWhatTheirItemsStandFor()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IDataView quantized = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, 5).Fit(view).Transform(view);
        string file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".idv");
        try
        {
            using (FileStream stream = File.Create(file))
            {
                _ml.Data.SaveAsBinary(quantized, stream);
            }
            IDataView read = new MLContext().Data.LoadFromBinary(file);
            IDataView back = _ml.Transforms.DequantizeEmbedding("Back", "Q").Fit(read).Transform(read);

            IDataView expected = _ml.Transforms.DequantizeEmbedding("Back", "Q").Fit(quantized).Transform(quantized);
            Assert.Equal(SampleVectors.Read(expected, "Back"), SampleVectors.Read(back, "Back"));
            Assert.Equal(121, QuantizedVectors.Read(read, "Q").Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void View_AppliedToOtherData_GivesTheSameColumn()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IDataView cut = _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8, 5).Fit(view).Transform(view);

        IDataView again = Assert.IsAssignableFrom<ITransformTemplate>(cut).ApplyToData(_ml, SampleVectors.View(_ml, _rows[1..]));

        Assert.Equal(Read<sbyte>(cut, "Q")[1..], Read<sbyte>(again, "Q"));
    }

    [Theory]
    [InlineData(99, 1)]
    [InlineData(100, 0)]
    public void Fit_RangesOfFewRows_Warns(int rows, int warnings)
    {
        var warned = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
            {
                warned.Add(e.RawMessage);
            }
        };

        _ml.Transforms.QuantizeEmbedding("Q", "Embedding", EmbeddingType.Int8).Fit(SampleVectors.View(_ml, SampleVectors.Random(rows, 4)));

        Assert.Equal(warnings, warned.Count(line => line.Contains($"from {rows} vectors alone", StringComparison.Ordinal)));
    }

    private static T[][] Read<T>(IDataView view, string column) =>
        [.. view.GetColumn<VBuffer<T>>(column).Select(v => v.DenseValues().ToArray())];

    private static void AssertNear(float[][] expected, float[][] got, float tolerance)
    {
        Assert.Equal(expected.Length, got.Length);
        int off = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Length, got[i].Length);
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.True(
                    Math.Abs(expected[i][j] - got[i][j]) <= tolerance, $"Row {i}, slot {j}: expected {expected[i][j]}, got {got[i][j]}.");
                off += expected[i][j] != got[i][j] ? 1 : 0;
            }
        }
        // Rounding of the last digit may move a value to the neighbouring code, but rarely.
        Assert.True(off <= expected.Length * expected[0].Length / 50, $"{off} values differ.");
    }
}

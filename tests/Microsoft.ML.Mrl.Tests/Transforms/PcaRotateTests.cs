using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.TorchSharp;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class PcaRotateTests
{
    private readonly MLContext _context = new();

    [Fact]
    public void Fit_AllDimensions_CentresAndKeepsDistances()
    {
        Example[] rows = Synthetic.Classes(50, 3, seed: 1);
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input");

        RotationTransformer transformer = _context.Transforms.PcaRotate("Embedding", "Input", Synthetic.Width).Fit(data);

        float[][] before = [.. rows.Select(row => row.Input.DenseValues().ToArray())];
        float[][] after = [.. transformer.Transform(data).GetColumn<float[]>("Embedding")];
        Assert.All(Enumerable.Range(0, Synthetic.Width), k => Assert.Equal(0, after.Average(row => row[k]), 1e-4));
        Assert.All(
            Enumerable.Range(1, 49), i => Assert.Equal(SquaredDistance(before[0], before[i]), SquaredDistance(after[0], after[i]), 1e-2));
        double[] variances = [.. Enumerable.Range(0, Synthetic.Width).Select(k => after.Sum(row => (double)row[k] * row[k]))];
        Assert.Equal(variances.OrderDescending(), variances);
        Assert.Equal([12, 24], transformer.Head.TrainedDimensions);
        Assert.Null(transformer.Head.Training);

        static double SquaredDistance(float[] a, float[] b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();
    }

    [Fact]
    public void Fit_FewerDimensions_FirstValuesOfAll()
    {
        IDataView data = Example.View(_context, Synthetic.Classes(50, 3, seed: 1), Synthetic.Width, "Input");

        float[][] all = [
            .. _context.Transforms.PcaRotate("Embedding", "Input", Synthetic.Width).Fit(data).Transform(data)
            .GetColumn<float[]>("Embedding")];
        float[][] few = [
            .. _context.Transforms.PcaRotate("Embedding", "Input", 5).Fit(data).Transform(data).GetColumn<float[]>("Embedding")];

        Assert.All(
            few.Zip(all), pair => Assert.All(pair.First.Zip(pair.Second), values => Assert.Equal(values.Second, values.First, 1e-4)));
        Assert.All(few, row => Assert.Equal(5, row.Length));
    }

    [Fact]
    public void Fit_WideSparseRows_FiniteValuesAndTheSameBytesAgain()
    {
        IDataView data = Example.View(_context, Synthetic.WideSparse(40, 1300, 4, seed: 2), 1300, "Input");

        EmbeddingHead first = _context.Transforms.PcaRotate("Embedding", "Input", 64).Fit(data).Head;

        Assert.Equal((1300, 64), (first.InputDimensions, first.OutputDimensions));
        Assert.Equal(first.Fingerprint, _context.Transforms.PcaRotate("Embedding", "Input", 64).Fit(data).Head.Fingerprint);
    }

    [Fact]
    public void Fit_OneDimension_IsTheFirstOfAll_AndNoneIsRefused()
    {
        IDataView data = Example.View(_context, Synthetic.Classes(50, 3, seed: 1), Synthetic.Width, "Input");

        RotationTransformer one = _context.Transforms.PcaRotate("Embedding", "Input", 1).Fit(data);

        Assert.Equal(
            _context.Transforms.PcaRotate("Embedding", "Input", 2).Fit(data).ExplainedVariance[0], one.ExplainedVariance.Single(), 1e-9);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.PcaRotate("Embedding", "Input", 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Fit_ValueThatIsNotFiniteInAnySlot_ErrorNamesIt(int slot)
    {
        float[][] rows = SampleVectors.Random(5, 4);
        rows[3][slot] = float.NaN;

        Assert.Contains($"at row 3 (counted from 0), slot {slot}", Assert.Throws<InvalidOperationException>(
            () => _context.Transforms.PcaRotate("Embedding", "Embedding", 2).Fit(SampleVectors.View(_context, rows)))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_MoreDimensionsThanTheColumnHas_ErrorNamesBoth()
    {
        IDataView data = Example.View(_context, Synthetic.Classes(5, 2, seed: 1), Synthetic.Width, "Input");

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.PcaRotate("Embedding", "Input", 25).Fit(data));

        Assert.Contains("Cannot rotate to 25: column 'Input' has 24 values. Choose 1..24.", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.PcaRotate("Embedding", "Input", 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_FewerThanTwoRows_ErrorSaysHowMany(int count)
    {
        IDataView data = Example.View(_context, Synthetic.Classes(count, 2, seed: 1), Synthetic.Width, "Input");

        var e = Assert.Throws<InvalidOperationException>(() => _context.Transforms.PcaRotate("Embedding", "Input", 4).Fit(data));

        Assert.Contains($"at least 2 rows, but the data has {count}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ColumnMissing_ErrorNamesIt()
    {
        IDataView data = Example.View(_context, [], 3, "Label");

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.PcaRotate("Embedding", "Input", 2).Fit(data));

        Assert.Contains("Could not find input column 'Input'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ExplainedVariance_IsTheEigenvaluesOfTheCovariance()
    {
        Example[] rows = Synthetic.Classes(80, 3, seed: 5);

        RotationTransformer transformer = _context.Transforms.PcaRotate("Embedding", "Input", 10)
            .Fit(Example.View(_context, rows, Synthetic.Width, "Input"));

        double[][] values = [.. rows.Select(row => row.Input.DenseValues().Select(v => (double)v).ToArray())];
        (double[] eigenvalues, double[][] vectors) = PlainEigen.Jacobi(PlainEigen.Scatter(values));
        for (int k = 0; k < 10; k++)
        {
            Assert.Equal(eigenvalues[k] / 79, transformer.ExplainedVariance[k], 1e-5 * eigenvalues[0] / 79);
            Assert.Equal(eigenvalues[k] / eigenvalues.Sum(), transformer.ExplainedVarianceRatio[k], 1e-5);
            double cosine = Enumerable.Range(0, Synthetic.Width).Sum(i => transformer.Loadings.Span[(i * 10) + k] * vectors[k][i]);
            Assert.Equal(1, Math.Abs(cosine), 1e-4);
        }
        Assert.All(Enumerable.Range(0, Synthetic.Width), i => Assert.Equal(values.Average(row => row[i]), transformer.Mean[i], 1e-6));
    }

    [Fact]
    public void SavedModel_InAFreshProcess_GivesTheSameValues_AndKeepsItsVariances()
    {
        float[][] rows = SampleVectors.Random(40, 12);
        IDataView view = SampleVectors.View(_context, rows);
        RotationTransformer model = _context.Transforms.PcaRotate("Short", "Embedding", 5).Fit(view);

        FreshProcess got = FreshProcess.Apply(_context, model, view.Schema, rows, "Short");

        Assert.Contains(typeof(RotationTransformer).FullName, got.Steps);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Short"), got.Columns["Short"]);
        Assert.False(got.HasTorchSharp);

        using var stream = new MemoryStream();
        _context.Model.Save(model, view.Schema, stream);
        stream.Position = 0;
        var loaded = (RotationTransformer)_context.Model.Load(stream, out _);
        Assert.Equal(model.ExplainedVariance, loaded.ExplainedVariance);
        Assert.Equal(model.ExplainedVarianceRatio, loaded.ExplainedVarianceRatio);
        Assert.Equal(model.Mean, loaded.Mean);
        Assert.Equal(model.Loadings.ToArray(), loaded.Loadings.ToArray());
        Assert.Same(model.Head, _context.Mrl().FindHead(model));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(2e15f)]
    public void Fit_ValueThatCannotBeUsed_ErrorNamesRowAndSlot(float value)
    {
        float[][] rows = SampleVectors.Random(5, 4);
        rows[3][2] = value;

        var e = Assert.Throws<InvalidOperationException>(
            () => _context.Transforms.PcaRotate("Embedding", "Embedding", 2).Fit(SampleVectors.View(_context, rows)));

        Assert.Contains("at row 3 (counted from 0), slot 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_DuplicateZeroAndConstantColumns_FiniteValuesAndNoVarianceBeyondTheRank()
    {
        float[][] rows = [.. SampleVectors.Random(40, 2).Select(row => (float[])[row[0], row[0], 0, 5, row[1]])];
        IDataView view = SampleVectors.View(_context, rows);

        RotationTransformer found = _context.Transforms.PcaRotate("Out", "Embedding", 5).Fit(view);

        Assert.All(found.Transform(view).GetColumn<float[]>("Out"), row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
        Assert.True(found.ExplainedVariance[1] > 0);
        Assert.All(found.ExplainedVariance.Skip(2), variance => Assert.Equal(0, variance, 1e-6));
    }

    [Fact]
    public void Fit_VectorsOfZeros_StayZeros()
    {
        IDataView view = SampleVectors.View(_context, [new float[4], new float[4], new float[4]]);

        RotationTransformer found = _context.Transforms.PcaRotate("Out", "Embedding", 3).Fit(view);

        Assert.All(found.Transform(view).GetColumn<float[]>("Out"), row => Assert.Equal([0f, 0, 0], row));
        Assert.All(found.ExplainedVariance, variance => Assert.Equal(0, variance));
    }
}

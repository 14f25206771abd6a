using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.TorchSharp;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class DiscriminantRotateTests
{
    private const int Width = Synthetic.Width;

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(5, 0.5)]
    [InlineData(5, 1)]
    [InlineData(60, 0.2)]
    public void Fit_Directions_SolveTheGeneralisedEigenvalueProblem(int classes, double shrinkage)
    {
        Example[] rows = Synthetic.Classes(240, classes, seed: 3);

        RotationTransformer found = _ml.Transforms.DiscriminantRotate("Embedding", "Input", "Label", Width, shrinkage).Fit(View(rows));

        (double[,] between, double[,] within) = Scatter(rows, shrinkage);
        double[][] directions = Directions(found);
        int kept = Math.Min(classes - 1, Width);
        for (int k = 0; k < Width; k++)
        {
            double ratio = found.ExplainedVariance[k];
            Assert.Equal(k < kept, ratio > 1e-6);
            double[] left = Times(between, directions[k]), right = Times(within, directions[k]);
            double size = right.Max(Math.Abs);
            Assert.All(Enumerable.Range(0, Width), i => Assert.Equal(ratio * right[i], left[i], 1e-3 * size));
            for (int j = 0; j <= k; j++)
            {
                Assert.Equal(j == k ? 1 : 0, Times(within, directions[j]).Zip(directions[k], (a, b) => a * b).Sum(), 1e-3);
            }
        }
        Assert.Equal(found.ExplainedVariance.OrderDescending(), found.ExplainedVariance);
        Assert.Equal(1, found.ExplainedVarianceRatio.Sum(), 1e-6);
    }

    [Fact]
    public void Fit_NoData_NamesTheParameter() =>
        Assert.Throws<ArgumentNullException>(
            "input", () => new MLContext().Transforms.DiscriminantRotate("Rotated", "Features", "Label", 2).Fit(null!));

    [Fact]
    public void Fit_MoreDimensionsThanClasses_TheRestVariesLessAndLess()
    {
        Example[] rows = Synthetic.Classes(300, 4, seed: 6);
        IDataView view = View(rows);

        float[][] values = SampleVectors.Read(
            _ml.Transforms.DiscriminantRotate("Embedding", "Input", "Label", Width).Fit(view).Transform(view), "Embedding");

        double[] variances = [.. Enumerable.Range(3, Width - 3).Select(k => values.Sum(row => (double)row[k] * row[k]))];
        Assert.Equal(variances.OrderDescending(), variances);
        Assert.All(Enumerable.Range(0, Width), k => Assert.Equal(0, values.Average(row => row[k]), 1e-3));
        // Where only some are asked for, they are the first ones of all.
        float[][] few = SampleVectors.Read(
            _ml.Transforms.DiscriminantRotate("Embedding", "Input", "Label", 6).Fit(view).Transform(view), "Embedding");
        Assert.All(few.Zip(values), pair => Assert.All(pair.First.Zip(pair.Second), v => Assert.Equal(v.Second, v.First, 1e-3)));
    }

    [Fact]
    public void Fit_SignalBehindNoise_FourValuesTellTheClassesApart_WherePcaDoesNot()
    {
        Example[] rows = Synthetic.Classes(600, 5, seed: 8);
        IDataView known = View(rows[..400]), unseen = View(rows[400..]);

        double discriminant = Accuracy(_ml.Transforms.DiscriminantRotate("Embedding", "Input", "Label", 4).Fit(known));
        double components = Accuracy(_ml.Transforms.PcaRotate("Embedding", "Input", 4).Fit(known));

        Assert.True(discriminant > 0.95 && components < 0.7, $"{discriminant} and {components}");

        double Accuracy(ITransformer model) =>
            _ml.Mrl().EvaluateClassification(model.Transform(unseen), "Embedding", "Label", model.Transform(known), [4])
                .Rows[0]["NearestCentroid"];
    }

    [Fact]
    public void Fit_LabelsOfAnyKind_TheSameHead()
    {
        Example[] rows = Synthetic.Classes(90, 3, seed: 2);
        IDataView view = Example.View(_ml, rows, Width, "Input", "Label", "Number");
        view = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(view).Transform(view);

        string[] fingerprints = [
            .. new[] { "Label", "Number", "Key" }.Select(
                label => _ml.Transforms.DiscriminantRotate("Embedding", "Input", label, 8).Fit(view).Head.Fingerprint)];

        Assert.Equal(fingerprints[0], fingerprints[1]);
        Assert.Equal(fingerprints[0], fingerprints[2]);
    }

    [Fact]
    public void SavedModel_InAFreshProcess_GivesTheSameValues_AndIsCutLikeAnyHead()
    {
        float[][] rows = SampleVectors.Random(60, 12);
        IDataView view = SampleVectors.View(_ml, rows);
        IDataView labelled = Labelled(rows, i => i % 4);
        var pipeline = _ml.Transforms.DiscriminantRotate("Mrl", "Embedding", "Label", 8)
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 3));
        TransformerChain<TruncateEmbeddingTransformer> model = pipeline.Fit(labelled);

        FreshProcess got = FreshProcess.Apply(_ml, model, view.Schema, rows, "Short");

        Assert.Contains(typeof(RotationTransformer).FullName, got.Steps);
        Assert.Equal(SampleVectors.Read(model.Transform(labelled), "Short"), got.Columns["Short"]);
        Assert.False(got.HasTorchSharp);
    }

    [Fact]
    public void Fit_RowsOfAClassAllAlike_StillFinite()
    {
        float[][] centres = SampleVectors.Random(3, 6);
        float[][] rows = [.. Enumerable.Range(0, 30).Select(i => centres[i % 3])];

        RotationTransformer found = _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 6).Fit(Labelled(rows, i => i % 3));

        Assert.All(found.Loadings.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.True(found.ExplainedVariance[1] > 0);
        Assert.Equal(0, found.ExplainedVariance[2]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(2e15f)]
    public void Fit_ValueThatCannotBeUsed_ErrorNamesRowAndSlot(float value)
    {
        float[][] rows = SampleVectors.Random(6, 4);
        rows[3][2] = value;

        var e = Assert.Throws<InvalidOperationException>(
            () => _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 2).Fit(Labelled(rows, i => i % 2)));

        Assert.Contains("at row 3 (counted from 0), slot 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_DuplicateZeroAndConstantColumns_FiniteValuesThatTellTheClassesApart()
    {
        float[][] rows = [.. SampleVectors.Random(40, 2).Select((row, i) => (float[])[row[0], row[0], 0, 5, row[1] + (20 * (i % 2))])];
        IDataView view = Labelled([.. rows, new float[5]], i => i % 2);

        float[][] got = [
            .. _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 5).Fit(view).Transform(view).GetColumn<float[]>("Out")];

        Assert.All(got, row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
        float[] even = [.. got[..40].Where((_, i) => i % 2 == 0).Select(row => row[0])],
        odd = [.. got[..40].Where((_, i) => i % 2 == 1).Select(row => row[0])];
        Assert.True(even.Max() < odd.Min() || even.Min() > odd.Max());
    }

    [Fact]
    public void Transform_ColumnOfAnotherWidth_ErrorNamesBoth()
    {
        RotationTransformer fitted = _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 2)
            .Fit(Labelled(SampleVectors.Random(6, 4), i => i % 2));

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => fitted.Transform(SampleVectors.View(_ml, SampleVectors.Random(3, 5))));

        Assert.Contains("4", e.Message, StringComparison.Ordinal);
        Assert.Contains("5", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WhatDoesNotFit_ErrorSaysWhat()
    {
        IDataView view = View(Synthetic.Classes(20, 2, seed: 1));
        Assert.Contains(
            "Cannot rotate to 25", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(view, "Label", 25)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Could not find label column 'Nothing'", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(view, "Nothing", 4)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "class 'class 0'", Assert.Throws<InvalidOperationException>(() => Fit(View(Synthetic.Classes(20, 1, seed: 1)), "Label", 4))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "no row has a value", Assert.Throws<InvalidOperationException>(
                () => Fit(View([.. Synthetic.Classes(3, 2, seed: 1).Select(Unlabelled)]), "Label", 4)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "are equal", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 2)
            .Fit(Labelled([[1, 2], [1, 2], [1, 2]], i => i % 2))).Message, StringComparison.Ordinal);
        float[][] wide = [new float[5000], new float[5000]];
        Assert.Contains(
            "PcaRotate first",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 2)
            .Fit(Labelled(wide, i => i))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => _ml.Transforms.DiscriminantRotate("Out", null, "Label", 0));
        Assert.Throws<ArgumentOutOfRangeException>("shrinkage", () => _ml.Transforms.DiscriminantRotate("Out", null, "Label", 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(
            "shrinkage", () => _ml.Transforms.DiscriminantRotate("Out", null, "Label", 2, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.DiscriminantRotate("Out", "Input", "Nothing", 2).GetOutputSchema(SchemaShape.Create(view.Schema)));

        RotationTransformer Fit(IDataView data, string label, int dimensions) =>
            _ml.Transforms.DiscriminantRotate("Embedding", "Input", label, dimensions).Fit(data);
    }

    private static Example Unlabelled(Example row)
    {
        row.Label = "";
        return row;
    }

    private IDataView View(Example[] rows) => Example.View(_ml, rows, Width, "Input", "Label");

    private IDataView Labelled(float[][] rows, Func<int, int> label)
    {
        var definition = SchemaDefinition.Create(typeof(LabelledRow));
        definition[nameof(LabelledRow.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        return _ml.Data.LoadFromEnumerable(rows.Select((row, i) => new LabelledRow { Embedding = row, Label = label(i) }), definition);
    }

    private static double[][] Directions(RotationTransformer found) =>
        [.. Enumerable.Range(0, Width)
            .Select(k => Enumerable.Range(0, Width).Select(i => (double)found.Loadings.Span[(i * Width) + k]).ToArray())];

    private static double[] Times(double[,] matrix, double[] vector) =>
        [.. Enumerable.Range(0, Width).Select(i => Enumerable.Range(0, Width).Sum(j => matrix[i, j] * vector[j]))];

    private static (double[,] Between, double[,] Within) Scatter(Example[] rows, double shrinkage)
    {
        double[][] values = [.. rows.Select(row => row.Input.DenseValues().Select(v => (double)v).ToArray())];
        double[] mean = [.. Enumerable.Range(0, Width).Select(k => values.Average(row => row[k]))];
        var between = new double[Width, Width];
        var within = new double[Width, Width];
        foreach (IGrouping<string, int> group in Enumerable.Range(0, rows.Length).GroupBy(i => rows[i].Label))
        {
            double[] own = [.. Enumerable.Range(0, Width).Select(k => group.Average(i => values[i][k]))];
            for (int a = 0; a < Width; a++)
            {
                for (int b = 0; b < Width; b++)
                {
                    between[a, b] += (own[a] - mean[a]) * (own[b] - mean[b]) * group.Count() / rows.Length;
                    within[a, b] += group.Sum(i => (values[i][a] - own[a]) * (values[i][b] - own[b])) / rows.Length;
                }
            }
        }
        double sphere = shrinkage * Enumerable.Range(0, Width).Sum(i => within[i, i]) / Width;
        for (int a = 0; a < Width; a++)
        {
            for (int b = 0; b < Width; b++)
            {
                within[a, b] = ((1 - shrinkage) * within[a, b]) + (a == b ? sphere : 0);
            }
        }
        return (between, within);
    }

    private sealed class LabelledRow
    {
        public float[] Embedding { get; set; } = [];

        public int Label { get; set; }
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class ExampleReaderTests
{
    private readonly MLContext _context = new(0);

    [Theory]
    [InlineData("Nowhere", null, null, null, null, "Could not find input column 'Nowhere'")]
    [InlineData("Input", "Nowhere", null, null, null, "Could not find positive column 'Nowhere'")]
    [InlineData("Input", "Positive", "Nowhere", null, null, "Could not find negative column 'Nowhere'")]
    [InlineData("Input", null, null, "Nowhere", null, "Could not find label column 'Nowhere'")]
    [InlineData("Input", null, null, null, "Nowhere", "Could not find score column 'Nowhere'")]
    [InlineData(
        "Label", null, null, null, null, "Schema mismatch for input column 'Label': expected known-size vector of Single, got String")]
    [InlineData(
        "Input", "Score", null, null, null,
        "Schema mismatch for positive column 'Score': expected known-size vector of Single, got Single")]
    [InlineData(
        "Input", null, null, "Score", null,
        "Schema mismatch for label column 'Score': expected scalar of key, text, integer or Boolean, got Single")]
    [InlineData(
        "Input", null, null, null, "Label", "Schema mismatch for score column 'Label': expected scalar of a number type, got String")]
    public void Read_ColumnMissingOrOfAnotherType_ErrorNamesRoleAndColumn(
        string input, string? positive, string? negative, string? label, string? score, string expected)
    {
        IDataView data = Example.View(
            _context, [new Example { Input = Example.Dense(1, 2), Positive = Example.Dense(1, 2) }], 2, "Input", "Positive", "Label",
            "Score");
        var roles = new RoleColumns { Positive = positive, Negatives = negative is null ? [] : [negative], Label = label, Score = score };

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => ExampleReader.Read(data, input, roles, CancellationToken.None));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PositiveOfAnotherWidth_ErrorNamesBoth()
    {
        IDataView data = Example.View(_context, [new Example { Input = Example.Dense(1, 2, 3) }], 3, "Input", "Label");
        data = _context.Transforms.Concatenate("Wide", "Input", "Input").Fit(data).Transform(data);

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => ExampleReader.Read(data, "Input", new RoleColumns { Positive = "Wide" }, CancellationToken.None));

        Assert.Contains(
            "positive column 'Wide': expected Vector<Single, 3> as in the input column 'Input', got Vector<Single, 6>", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralNegativesAndATeacherOfAnotherWidth_EachInItsRole()
    {
        Example[] rows = [
            .. Enumerable.Range(0, 3)
            .Select(i =>
                new Example { Input = Example.Dense(1, i), Negative = Example.Dense(2, i), Negative2 = Example.Dense(3, i),
                Teacher = Example.Dense(4, 5, 6, i) })];

        ExampleSet examples = Read(
            rows, 2, new RoleColumns { Negatives = ["Negative2", "Negative"], Teacher = "Teacher" }, "Negative", "Negative2", "Teacher");

        Assert.Equal(
            [VectorRole.Anchor, VectorRole.NegativeAt(0), VectorRole.NegativeAt(1), VectorRole.Teacher], examples.Vectors.Keys.Order());
        Assert.Equal([3f, 0f, 3f, 1f, 3f, 2f], Synthetic.ValuesOf(examples.Vectors[VectorRole.NegativeAt(0)]));
        Assert.Equal([2f, 0f, 2f, 1f, 2f, 2f], Synthetic.ValuesOf(examples.Vectors[VectorRole.NegativeAt(1)]));
        Assert.Equal(4, examples.Vectors[VectorRole.Teacher].Width);
        Assert.Equal(2, examples.NegativeColumns);
    }

    [Theory]
    [InlineData("Nowhere", "Could not find teacher column 'Nowhere'")]
    [InlineData("Label", "Schema mismatch for teacher column 'Label': expected known-size vector of Single, got String")]
    public void Read_TeacherMissingOrOfAnotherType_ErrorNamesIt(string teacher, string expected)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => Read([new Example { Input = Example.Dense(1) }], 1, new RoleColumns { Teacher = teacher }, "Label"));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, false)]
    [InlineData(float.NegativeInfinity, true)]
    [InlineData(float.NaN, true)]
    [InlineData(1.1e15f, false)]
    [InlineData(-1e30f, true)]
    public void Read_ValueNotFiniteOrTooLargeToSquare_ErrorNamesColumnRowAndSlot(float bad, bool sparse)
    {
        VBuffer<float> broken = sparse ? Example.Sparse(5, (1, 2f), (3, bad)) : Example.Dense(0, 1, 2, bad, 4);
        Example[] rows = [
            .. Enumerable.Range(0, 4)
            .Select(i => new Example { Input = Example.Dense(1, 2, 3, 4, 5), Positive = i == 2 ? broken : Example.Dense(1, 2, 3, 4, 5) })];

        var e = Assert.Throws<InvalidOperationException>(() => Read(rows, 5, new RoleColumns { Positive = "Positive" }, "Positive"));

        Assert.Contains($"Column 'Positive' has the value {bad} at row 2 (counted from 0), slot 3.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ValueThatIsNotFiniteInARowLeftOut_IsNotLookedAt()
    {
        Example[] rows = [
            new Example { Input = Example.Dense(1), Label = "a" }, new Example { Input = Example.Dense(float.NaN), Label = "" }];

        Assert.Equal(1, Read(rows, 1, new RoleColumns { Label = "Label" }, "Label").Count);
    }

    [Fact]
    public void Read_InfiniteScore_ErrorNamesColumnAndRow()
    {
        Example[] rows = [
            new Example { Input = Example.Dense(1) }, new Example { Input = Example.Dense(1), Score = float.PositiveInfinity }];

        var e = Assert.Throws<InvalidOperationException>(() => Read(rows, 1, new RoleColumns { Score = "Score" }, "Score"));

        Assert.Contains("Column 'Score' has the value", e.Message, StringComparison.Ordinal);
        Assert.Contains("at row 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingLabels_SkippedAndCounted()
    {
        Example[] rows = [.. new[] { "b", "", "a", "b", "" }.Select((label, i) => new Example { Input = Example.Dense(i), Label = label })];

        ExampleSet examples = Read(rows, 1, new RoleColumns { Label = "Label" }, "Label");

        Assert.Equal(3, examples.Count);
        Assert.Equal(2, examples.Skipped);
        Assert.Equal(2, examples.Classes);
        Assert.Equal([0, 1, 0], examples.Labels!);
        Assert.Equal([0f, 2f, 3f], Synthetic.ValuesOf(examples.Anchors));
        Assert.Null(examples.Scores);
    }

    [Fact]
    public void Read_MissingScores_SkippedAndCounted()
    {
        Example[] rows = [.. new[] { 0.5f, float.NaN, -2f }.Select((score, i) => new Example { Input = Example.Dense(i), Score = score })];

        ExampleSet examples = Read(rows, 1, new RoleColumns { Score = "Score" }, "Score");

        Assert.Equal([0.5f, -2f], examples.Scores!);
        Assert.Equal(1, examples.Skipped);
        Assert.Null(examples.Labels);
        Assert.Equal(0, examples.Classes);
    }

    [Theory]
    [InlineData("Number")]
    [InlineData("Label")]
    [InlineData("Key")]
    public void Read_LabelsOfAnyType_SameClasses(string column)
    {
        Example[] rows = [
            .. new[] { 7, 3, 7, 7, -1 }.Select(n => new Example { Input = Example.Dense(n), Number = n, Label = n.ToString() })];
        IDataView data = Example.View(_context, rows, 1, "Input", "Number", "Label");
        data = _context.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(data).Transform(data);

        ExampleSet examples = ExampleReader.Read(data, "Input", new RoleColumns { Label = column }, CancellationToken.None);

        Assert.Equal([0, 1, 0, 0, 2], examples.Labels!);
        Assert.Equal(3, examples.Classes);
        Assert.Equal(0, examples.Skipped);
    }

    [Fact]
    public void Read_BooleanLabels_TwoClasses()
    {
        Example[] rows = [.. new[] { true, false, true }.Select(flag => new Example { Input = Example.Dense(1), Flag = flag })];

        Assert.Equal([0, 1, 0], Read(rows, 1, new RoleColumns { Label = "Flag" }, "Flag").Labels!);
    }

    [Fact]
    public void Read_WideSparseColumn_StaysSparseAndEqualsItsDenseForm()
    {
        const int WideWidth = 1500;
        Example[] rows = Synthetic.WideSparse(9, WideWidth, 3, seed: 1);
        rows[4].Input = Example.Sparse(WideWidth);
        rows[6].Input = Example.Sparse(WideWidth, (2, 0f), (1499, -3f));
        Example[] denseRows = [.. rows.Select(row => new Example { Input = Example.Dense([.. row.Input.DenseValues()]) })];

        SparseRows sparse = Assert.IsType<SparseRows>(Read(rows, WideWidth, new RoleColumns()).Anchors);
        DenseRows dense = Assert.IsType<DenseRows>(Read(denseRows, WideWidth, new RoleColumns()).Anchors);

        Assert.Equal((9, WideWidth), (sparse.Count, sparse.Width));
        Assert.All(Enumerable.Range(0, 9), row => Assert.DoesNotContain(0f, sparse.RowValues(row).ToArray()));
        Assert.Equal(0, sparse.RowValues(4).Length);
        foreach (int length in new[] { WideWidth, 100, 1 })
        {
            var fromSparse = new float[length];
            var fromDense = new float[length];
            for (int row = 0; row < rows.Length; row++)
            {
                sparse.CopyPrefix(row, fromSparse);
                dense.CopyPrefix(row, fromDense);
                Assert.Equal(fromDense, fromSparse);
            }
        }
    }

    [Fact]
    public void Read_WideColumnThatTurnsDense_StaysSparse()
    {
        const int WideWidth = 1025;
        float[] values = [.. Enumerable.Range(0, WideWidth).Select(i => i % 3 == 0 ? i : 0f)];
        Example[] rows = [new Example { Input = Example.Sparse(WideWidth, (5, 1f)) }, new Example { Input = Example.Dense(values) }];

        SparseRows sparse = Assert.IsType<SparseRows>(Read(rows, WideWidth, new RoleColumns()).Anchors);

        var found = new float[WideWidth];
        sparse.CopyPrefix(1, found);
        Assert.Equal(values, found);
    }

    [Fact]
    public void Read_NarrowSparseColumn_BecomesDense()
    {
        Example[] rows = [new Example { Input = Example.Sparse(4, (1, 5f)) }, new Example { Input = Example.Sparse(4) }];

        Assert.Equal(
            [0f, 5f, 0f, 0f, 0f, 0f, 0f, 0f], Synthetic.ValuesOf(Assert.IsType<DenseRows>(Read(rows, 4, new RoleColumns()).Anchors)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(0, 2000)]
    public void Read_NoRowsOrOne_GivesThatMany(int count, int width)
    {
        Example[] rows = [.. Enumerable.Range(0, count).Select(_ => new Example { Input = Example.Dense(new float[width]), Label = "a" })];

        ExampleSet examples = Read(rows, width, new RoleColumns { Label = "Label" }, "Label");

        Assert.Equal(count, examples.Count);
        Assert.Equal(count, examples.Classes);
        Assert.Equal(width, examples.Anchors.Width);
    }

    [Fact]
    public void Read_Cancelled_Throws()
    {
        IDataView data = Example.View(_context, [new Example { Input = Example.Dense(1) }], 1, "Input");

        Assert.Throws<OperationCanceledException>(
            () => ExampleReader.Read(data, "Input", new RoleColumns(), new CancellationToken(canceled: true)));
    }

    private ExampleSet Read(Example[] rows, int width, RoleColumns roles, params string[] columns) =>
        ExampleReader.Read(Example.View(_context, rows, width, ["Input", .. columns]), "Input", roles, CancellationToken.None);
}

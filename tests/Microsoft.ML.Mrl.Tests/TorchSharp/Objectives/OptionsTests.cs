using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

/// <summary>What is refused before any training: options, schemas, and dimensions that do not fit. Needs no libtorch.</summary>
public class OptionsTests
{
    private static readonly MrlFineTuneOptions s_good =
        new() { LearningRate = 0.02, Head = HeadKind.Linear, OutputColumnName = "Embedding", InputColumnName = "Input",
        Objective = MrlObjective.Classification("Label") };

    private readonly MLContext _context = new();

    [Theory]
    [InlineData(1, 6, 8)]
    [InlineData(6, 8)]
    public void Fit_VectorForEachToken_IsRefusedBySayingPool(params int[] shape)
    {
        VBuffer<float> row = SampleVectors.Dense([.. Enumerable.Range(1, 48).Select(i => (float)i)]);
        IDataView view = SampleVectors.View(
            _context, 48, [row], column => column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, shape));
        MrlFineTuneEstimator estimator = _context.Transforms.MrlFineTune("Short", "Embedding", MrlObjective.Unsupervised());

        string message = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message;

        Assert.Contains(
            "Schema mismatch for input column 'Embedding': expected one vector a row, got Vector<Single, ", message,
            StringComparison.Ordinal);
        Assert.Contains("Pool them to one first", message, StringComparison.Ordinal);
    }

    [Fact]
    public void MrlFineTune_EverythingWrong_ReportsAllAtOnce()
    {
        MrlFineTuneOptions options = s_good with
        {
            OutputColumnName = "",
            OutputDimensions = 0,
            Dimensions = [8, 16],
            DimensionWeights = [1],
            Head = (HeadKind)9,
            StartingPoint = (StartingPoint)(-1),
            HiddenDimensions = 0,
            BatchSize = 1,
            Epochs = 0,
            Patience = -1,
            LearningRate = double.NaN,
            WeightDecay = -0.1,
            WarmUpFraction = 1.5,
            ValidationFraction = 1,
            MemoryBudget = 0,
            TempFolder = "/nowhere/at/all",
        };

        var e = Assert.Throws<ArgumentException>(() => _context.Transforms.MrlFineTune(options));

        Assert.Equal("options", e.ParamName);
        Assert.All(
            new[]
            {
                "OutputColumnName is empty", "OutputDimensions is 0", "Dimensions reach 16, above OutputDimensions of 0",
                "1 weights were given for the 2 dimensions 8, 16", "Head is 9; choose one of Linear, Orthogonal, Residual.",
                "StartingPoint is -1; choose one of Pca, Identity.", "HiddenDimensions is 0", "BatchSize is 1", "Epochs is 0",
                "Patience is -1", "LearningRate is NaN", "WeightDecay is -0.1", "WarmUpFraction is 1.5", "ValidationFraction is 1",
                "MemoryBudget is 0; choose a number of bytes above 0.", "TempFolder '/nowhere/at/all' does not exist",
            },
            part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void MrlFineTune_NoMemoryBudget_Refused(long budget)
    {
        var e = Assert.Throws<ArgumentException>(() => _context.Transforms.MrlFineTune(s_good with { MemoryBudget = budget }));

        Assert.Contains($"MemoryBudget is {budget}; choose a number of bytes above 0.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MrlFineTune_WeightsWithoutDimensions_Refused()
    {
        var e = Assert.Throws<ArgumentException>(() => _context.Transforms.MrlFineTune(s_good with { DimensionWeights = [1] }));

        Assert.Contains("DimensionWeights are given without Dimensions; give both.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Orthogonal)]
    public void MrlFineTune_HiddenDimensionsOfAHeadWithoutAHiddenLayer_Refused(HeadKind kind)
    {
        var e = Assert.Throws<ArgumentException>(() => _context.Transforms.MrlFineTune(s_good with { Head = kind, HiddenDimensions = 4 }));

        Assert.Contains(
            $"HiddenDimensions are given for HeadKind.{kind}, which has no hidden layer; leave them out, or choose HeadKind.Residual.",
            e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        24, 16, "Cannot train an orthogonal head of 16 values: column 'Input' has 24, and such a head is as wide as its input. Leave "
        + "OutputDimensions out, or choose HeadKind.Linear.")]
    [InlineData(
        1025, null,
        "Cannot train an orthogonal head: column 'Input' has 1025 values, and such a head takes at most 1024. Choose HeadKind.Linear, or narrow the column with PcaRotate first.")]
    public void Fit_OrthogonalThatDoesNotFitTheInput_ErrorNamesColumnAndWayOut(int width, int? outputs, string expected)
    {
        IDataView data = Example.View(_context, [new Example { Input = Example.Dense(new float[width]) }], width, "Input", "Label");

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.MrlFineTune(s_good with { Head = HeadKind.Orthogonal, OutputDimensions = outputs }).Fit(data));

        Assert.Equal("options", e.ParamName);
        Assert.StartsWith(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HeadKind.Linear, 100, null, 32, 64)]
    [InlineData(HeadKind.Orthogonal, 100, null, 100, 200)]
    [InlineData(HeadKind.Residual, 100, null, 32, 64)]
    [InlineData(HeadKind.Residual, 700, 700, 700, 512)]
    public void Plan_NothingSaid_WidthsOfTheKind(HeadKind kind, int inputs, int? outputs, int expectedOutputs, int expectedHidden)
    {
        TrainingPlan plan = TrainingPlan.For(
            s_good with { Head = kind, Dimensions = [8, 32], OutputDimensions = outputs }, inputs, seed: 0);

        Assert.Equal((expectedOutputs, expectedHidden), (plan.OutputDimensions, plan.HiddenDimensions));
        Assert.Equal([8, 32], plan.Dimensions);
        Assert.False(plan.Narrowed);
    }

    [Fact]
    public void MrlFineTune_NullNamesOrObjective_Refused()
    {
        Assert.Throws<ArgumentNullException>(() => _context.Transforms.MrlFineTune(null!));
        Assert.Throws<ArgumentNullException>(() => _context.Transforms.MrlFineTune(null!, "Input", MrlObjective.Classification()));
        Assert.Throws<ArgumentNullException>(() => _context.Transforms.MrlFineTune("Embedding", "Input", null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Classification(null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Pairs((string)null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Pairs((PairsOptions)null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Triplets(null!, "Negative"));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Triplets("Positive", null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.SameLabel(null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Distillation(null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Custom(null!, () => new CoSentLoss()));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Custom(new MrlCustomColumns(), null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Weighted(null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.Weighted((null!, 1)));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.ScoredPairs(null!));
        Assert.Throws<ArgumentNullException>(() => MrlObjective.ScoredPairs("Other", null!));
    }

    [Fact]
    public void Objectives_ValuesOutOfRange_Refused()
    {
        Assert.Equal(
            "weightTying",
            Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.Classification("Label", (WeightTying)7)).ParamName);
        Assert.Equal(
            "temperature", Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.Pairs("Positive", temperature: 0)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.SameLabel("Label", 0)).ParamName);
        Assert.Equal("temperature", Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.Distillation("Teacher", 0)).ParamName);
        Assert.Equal(
            "margin", Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.Triplets("Positive", "Negative", 0)).ParamName);
        Assert.Equal(
            "labelSmoothing",
            Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.Classification("Label", labelSmoothing: 1)).ParamName);
        Assert.Equal(
            "loss", Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.ScoredPairs("Positive", loss: (ScoredPairsLoss)5))
            .ParamName);
        Assert.Equal(
            "similarityMargin", Assert.Throws<ArgumentOutOfRangeException>(
                () => MrlObjective.Pairs(new PairsOptions { PositiveColumnName = "P", SimilarityMargin = 3 })).ParamName);
        Assert.Equal(
            "options", Assert.Throws<ArgumentException>(
                () => MrlObjective.Pairs(new PairsOptions { PositiveColumnName = "P", NegativeColumnNames = ["N", "N"] })).ParamName);
        Assert.Equal(
            "temperature",
            Assert.Throws<ArgumentOutOfRangeException>(() => MrlObjective.ScoredPairs("Positive", temperature: -1)).ParamName);
    }

    [Fact]
    public void Fit_DimensionAboveTheInput_ErrorNamesColumnAndRange()
    {
        IDataView data = Example.View(_context, [new Example { Input = Example.Dense(new float[384]) }], 384, "Input", "Label");

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.MrlFineTune(s_good with { Dimensions = [64, 512] }).Fit(data));

        Assert.Contains("Cannot train dimension 512: column 'Input' has 384 values. Choose 1..384.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OutputAboveTheInput_ErrorNamesColumnAndRange()
    {
        IDataView data = Example.View(_context, [new Example { Input = Example.Dense(new float[4]) }], 4, "Input", "Label");

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.MrlFineTune(s_good with { OutputDimensions = 5 }).Fit(data));

        Assert.Contains("Cannot train an output of 5 values: column 'Input' has 4. Choose 1..4.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Classification", "Could not find label column 'Label'")]
    [InlineData("Pairs", "Could not find positive column 'Positive'")]
    [InlineData("WrongPositive", "Schema mismatch for positive column 'Number': expected known-size vector of Single")]
    [InlineData("WrongNegative", "Schema mismatch for negative column 'Number': expected known-size vector of Single")]
    [InlineData("ScoredPairs", "Could not find score column 'Score'")]
    public void GetOutputSchema_ColumnMissingOrOfAnotherType_ErrorNamesIt(string objective, string expected)
    {
        IDataView data = Example.View(_context, [], 3, "Input", "Number");
        MrlFineTuneEstimator estimator = _context.Transforms.MrlFineTune("Embedding", "Input", objective switch
        {
            "Classification" => MrlObjective.Classification("Label"),
            "Pairs" => MrlObjective.Pairs("Positive"),
            "WrongPositive" => MrlObjective.Pairs("Number"),
            "WrongNegative" => MrlObjective.Pairs("Input", "Number"),
            _ => MrlObjective.ScoredPairs("Input"),
        });

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaShape.Create(data.Schema)));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_InputMissing_ErrorNamesIt()
    {
        IDataView data = Example.View(_context, [], 3, "Label");

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.MrlFineTune(s_good).GetOutputSchema(SchemaShape.Create(data.Schema)));

        Assert.Contains("Could not find input column 'Input'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_AllThere_AddsTheOutputColumn()
    {
        IDataView data = Example.View(_context, [], 3, "Input", "Label");

        SchemaShape shape = _context.Transforms.MrlFineTune(s_good).GetOutputSchema(SchemaShape.Create(data.Schema));

        SchemaShape.Column column = shape.Single(c => c.Name == "Embedding");
        Assert.Equal(SchemaShape.Column.VectorKind.Vector, column.Kind);
        Assert.Contains(shape, c => c.Name == "Label");
    }
}

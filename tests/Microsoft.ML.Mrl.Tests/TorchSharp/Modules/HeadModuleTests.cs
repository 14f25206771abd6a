using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Modules;

/// <summary>Heads of every kind while they learn: where they start, their gradients, and that the head made of them does the
/// same.</summary>
[Collection(TorchCollection.Name)]
public sealed class HeadModuleTests : IDisposable
{
    private const int Width = 7;
    private const int Rows = 40;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly float[][] _rows = RowsAwayFromZero();
    private readonly ExampleSet _examples;

    public HeadModuleTests()
    {
        var context = new MLContext();
        _examples = ExampleReader.Read(
            Example.View(context, _rows.Select(row => new Example { Input = Example.Dense(row) }), Width, "Input"), "Input",
            new RoleColumns(), CancellationToken.None);
    }

    public static TheoryData<HeadKind, StartingPoint, int> Heads => new()
    {
        { HeadKind.Linear, StartingPoint.Pca, Width },
        { HeadKind.Linear, StartingPoint.Pca, 3 },
        { HeadKind.Linear, StartingPoint.Identity, Width },
        { HeadKind.Linear, StartingPoint.Identity, 3 },
        { HeadKind.Orthogonal, StartingPoint.Pca, Width },
        { HeadKind.Orthogonal, StartingPoint.Identity, Width },
        { HeadKind.Residual, StartingPoint.Pca, Width },
        { HeadKind.Residual, StartingPoint.Pca, 3 },
        { HeadKind.Residual, StartingPoint.Identity, Width },
        { HeadKind.Residual, StartingPoint.Identity, 3 },
    };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Heads))]
    public void Create_AtItsStart_IsThePcaPrefixOrTheInputItself(HeadKind kind, StartingPoint start, int outputs)
    {
        TrainingPlan plan = Plan(kind, start, outputs);
        using TrainingSpace space = TrainingSpace.Of(_examples, outputs, new Random(1));
        using HeadModule module = HeadModules.Create(plan, space, new Random(2));

        float[][] expected = start == StartingPoint.Identity
            ? [.. _rows.Select(row => row[..outputs])]
            : [.. _rows.Select(row => Transforms.SampleHeads.Apply(StartingHeads.Pca(plan, space, null), row, outputs))];

        AssertClose(expected, Embed(module, space), 1e-5);
        AssertClose(
            expected, [.. _rows.Select(row => Transforms.SampleHeads.Apply(module.ToHead(space, plan.Dimensions, null), row, outputs))],
            1e-5);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void ToHead_LearnedState_DoesWhatTheModuleDoes(HeadKind kind, StartingPoint start, int outputs)
    {
        TrainingPlan plan = Plan(kind, start, outputs);
        using TrainingSpace space = TrainingSpace.Of(_examples, outputs, new Random(1));
        using HeadModule module = HeadModules.Create(plan, space, new Random(2));
        Disturb(module, 0.3);

        EmbeddingHead head = module.ToHead(space, plan.Dimensions, null);

        Assert.Equal((Width, outputs), (head.InputDimensions, head.OutputDimensions));
        AssertClose([.. _rows.Select(row => Transforms.SampleHeads.Apply(head, row, outputs))], Embed(module, space), 3e-5);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Forward_GradientOfEveryNumber_EqualsFiniteDifferences(HeadKind kind, StartingPoint start, int outputs)
    {
        const float Step = 2e-3f;
        using TrainingSpace space = TrainingSpace.Of(_examples, outputs, new Random(1));
        using HeadModule module = HeadModules.Create(Plan(kind, start, outputs), space, new Random(2));
        Disturb(module, 0.3);
        using Tensor coordinates = space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, 12)]);
        using Tensor factors = tensor(SampleVectors.Random(1, 12 * outputs, 4)[0], [12, outputs]);
        module.forward(coordinates).mul(factors).sum().backward();

        foreach (Parameter parameter in module.Weights)
        {
            float[] gradient = RowProducts.ToArray(parameter.grad!);
            for (int i = 0; i < gradient.Length; i++)
            {
                float before = parameter.Values()[i];
                parameter.Values()[i] = before + Step;
                double above = Value();
                parameter.Values()[i] = before - Step;
                double below = Value();
                parameter.Values()[i] = before;

                Assert.Equal((above - below) / (2 * Step), gradient[i], 5e-3 * Math.Max(1, Math.Abs(gradient[i])));
            }
        }

        double Value()
        {
            using IDisposable gradients = no_grad();
            using DisposeScope scope = NewDisposeScope();
            return module.forward(coordinates).to(ScalarType.Float64).mul(factors).sum().item<double>();
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Forward_Repeated_LeavesNoTensors(HeadKind kind, StartingPoint start, int outputs)
    {
        using TrainingSpace space = TrainingSpace.Of(_examples, outputs, new Random(1));
        using HeadModule module = HeadModules.Create(Plan(kind, start, outputs), space, new Random(2));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Once();
        long before = Tensor.TotalCount;

        for (int i = 0; i < 20; i++)
        {
            Once();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Once()
        {
            using DisposeScope scope = NewDisposeScope();
            module.forward(space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, Rows)])).sum().backward();
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Forward_NumbersThatAreNone_GiveNoNumbersAndDoNotThrow(HeadKind kind, StartingPoint start, int outputs)
    {
        using TrainingSpace space = TrainingSpace.Of(_examples, outputs, new Random(1));
        using HeadModule module = HeadModules.Create(Plan(kind, start, outputs), space, new Random(2));
        module.Weights[^1].Values()[1] = float.NaN;

        Tensor sum = module.forward(space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, Rows)])).sum();
        sum.backward();

        Assert.True(float.IsNaN(sum.item<float>()));
    }

    [Fact]
    public void Create_ResidualTwice_SameSeedSameNumbers_AndTorchsOwnRandomNumbersUntouched()
    {
        TrainingPlan plan = Plan(HeadKind.Residual, StartingPoint.Pca, 3);
        using TrainingSpace space = TrainingSpace.Of(_examples, 3, new Random(1));
        manual_seed(3);
        float[] expected = RowProducts.ToArray(rand(4));
        manual_seed(3);

        using HeadModule one = HeadModules.Create(plan, space, new Random(2));
        using HeadModule two = HeadModules.Create(plan, space, new Random(2));
        using HeadModule other = HeadModules.Create(plan, space, new Random(3));

        Assert.Equal(WeightCopies.Take(one.Weights), WeightCopies.Take(two.Weights));
        Assert.NotEqual(WeightCopies.Take(one.Weights), WeightCopies.Take(other.Weights));
        Assert.Equal(expected, RowProducts.ToArray(rand(4)));
    }

    [Theory]
    [InlineData(StartingPoint.Pca, 0.01)]
    [InlineData(StartingPoint.Pca, 3)]
    [InlineData(StartingPoint.Identity, 40)]
    [InlineData(StartingPoint.Pca, 1e4)]
    [InlineData(StartingPoint.Pca, 1e30)]
    public void Orthogonal_HoweverFarItLearned_KeepsLengthsAndCosines(StartingPoint start, double size)
    {
        using TrainingSpace space = TrainingSpace.Of(_examples, Width, new Random(1));
        TrainingPlan plan = Plan(HeadKind.Orthogonal, start, Width);
        using HeadModule module = HeadModules.Create(plan, space, new Random(2));
        Disturb(module, size);

        EmbeddingHead head = module.ToHead(space, plan.Dimensions, null);

        float[][] after = [.. _rows.Select(row => Transforms.SampleHeads.Apply(head, row, Width))];
        for (int i = 0; i < Rows; i++)
        {
            Assert.Equal(1, SampleVectors.Dot(after[i], after[i]) / SampleVectors.Dot(_rows[i], _rows[i]), 1e-5);
            for (int j = 0; j < i; j++)
            {
                Assert.Equal(SampleVectors.Cosine(_rows[i], _rows[j]), SampleVectors.Cosine(after[i], after[j]), 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(HeadKind.Linear, StartingPoint.Pca)]
    [InlineData(HeadKind.Linear, StartingPoint.Identity)]
    [InlineData(HeadKind.Residual, StartingPoint.Pca)]
    [InlineData(HeadKind.Residual, StartingPoint.Identity)]
    public void WithStartBehind_LearnedValuesAreScaledAndThoseOfTheStartFollow(HeadKind kind, StartingPoint start)
    {
        const int columns = 3;
        using TrainingSpace space = TrainingSpace.Of(_examples, Width, new Random(1));
        using HeadModule module = HeadModules.Create(Plan(kind, start, Width), space, new Random(2));
        float[][] before = Embed(module, space);
        Disturb(module, 0.3);
        float[][] learned = Embed(module, space);

        Assert.True(module.CanPutStartBehind);
        WeightCopies.Put(module.Weights, module.WithStartBehind(WeightCopies.Take(module.Weights), columns, 0.25f));

        AssertClose(
            [.. learned.Zip(before, (l, b) => (float[])[.. l[..columns].Select(value => 0.25f * value), .. b[..(Width - columns)]])],
            Embed(module, space), 1e-5);
    }

    /// <summary>Rows whose mean is far from 0, so that centring matters, with a variance of their own in every value.</summary>
    private static float[][] RowsAwayFromZero()
    {
        var random = new Random(6);
        return [.. Enumerable.Range(0, Rows)
            .Select(_ => Enumerable.Range(0, Width).Select(k => k - 2 + (1 + k) * Synthetic.Gaussian(random)).ToArray())];
    }

    private static TrainingPlan Plan(HeadKind kind, StartingPoint start, int outputs) => TrainingPlan.For(
        new MrlFineTuneOptions
        {
            LearningRate = 0.02,
            OutputColumnName = "Embedding",
            Objective = MrlObjective.Classification(),
            Head = kind,
            StartingPoint = start,
            OutputDimensions = outputs,
            HiddenDimensions = kind == HeadKind.Residual ? 5 : null,
        }, Width, seed: 0);

    private static void Disturb(HeadModule module, double size)
    {
        var random = new Random(9);
        foreach (Parameter parameter in module.Weights)
        {
            foreach (ref float number in parameter.Values())
            {
                number += (float)(size * (2 * random.NextDouble() - 1));
            }
        }
    }

    /// <summary>The module's embeddings of all rows, at the inputs' own scale.</summary>
    private static float[][] Embed(HeadModule module, TrainingSpace space)
    {
        using IDisposable gradients = no_grad();
        float[] values = RowProducts.ToArray(
            module.forward(space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, Rows)])).Times(space.Scale));
        return [.. values.Chunk(values.Length / Rows)];
    }

    private static void AssertClose(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double length = Math.Sqrt(expected.Max(row => SampleVectors.Dot(row, row)));
        foreach ((float[] e, float[] a) in expected.Zip(actual))
        {
            Assert.Equal(e.Length, a.Length);
            Assert.All(e.Zip(a), pair => Assert.Equal(pair.First, pair.Second, tolerance * length));
        }
    }
}

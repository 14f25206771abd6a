using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Options;

/// <summary>Trainings from end to end of every kind of head from every start.</summary>
[Collection(TorchCollection.Name)]
public class HeadKindTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<HeadKind, StartingPoint> Kinds => new(
        from kind in Enum.GetValues<HeadKind>() from start in Enum.GetValues<StartingPoint>() select (kind, start));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Classification_HiddenClasses_LearnedWinsAndSurvivesAModelFile(HeadKind kind, StartingPoint start)
    {
        IDataView data = Example.View(_context, Synthetic.Classes(300, 6, seed: 1), Synthetic.Width, "Input", "Label");

        MrlTransformer transformer = _context.Transforms.MrlFineTune(Options(kind, start)).Fit(data);

        AssertKind(kind, transformer.Head);
        TrainingSummary summary = transformer.Head.Training!;
        Assert.True(summary.Winner == TrainingWinner.Learned, $"{summary.Winner} won: {string.Join("; ", summary.ValidationScores)}.");
        Assert.True(
            summary.ValidationScores.Average(s => s.Learned) > summary.ValidationScores.Average(s => s.Pca) + 0.05,
            string.Join("; ", summary.ValidationScores));
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);
        Assert.Equal(transformer.Transform(data).GetColumn<float[]>("Embedding"), loaded.Transform(data).GetColumn<float[]>("Embedding"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fit_EveryKind_SameSeedSameBytes_AndTheSamePcaScores(HeadKind kind, StartingPoint start)
    {
        IDataView data = Example.View(_context, Synthetic.Classes(120, 4, seed: 2), Synthetic.Width, "Input", "Label");
        EmbeddingHead Fit(HeadKind kind, StartingPoint start) => _context.Transforms.MrlFineTune(Options(kind, start) with { Epochs = 2 })
            .Fit(data).Head;

        EmbeddingHead head = Fit(kind, start);

        Assert.Equal(head.Fingerprint, Fit(kind, start).Fingerprint);
        // The rotation of an orthogonal head is not centred, so its scores are its own.
        HeadKind like = kind == HeadKind.Orthogonal ? HeadKind.Orthogonal : HeadKind.Linear;
        Assert.Equal(
            Fit(like, StartingPoint.Pca).Training!.ValidationScores.Select(s => s.Pca), head.Training!.ValidationScores.Select(s => s.Pca));
    }

    [Theory]
    [InlineData(StartingPoint.Pca)]
    [InlineData(StartingPoint.Identity)]
    public void Orthogonal_DenseAndSparseRows_KeepsEveryFullWidthCosine(StartingPoint start)
    {
        Example[] rows = Synthetic.Classes(160, 4, seed: 3);
        for (int i = 0; i < rows.Length; i += 2)
        {
            float[] values = rows[i].Input.GetValues().ToArray();
            rows[i].Input = Example.Sparse(Synthetic.Width, [.. values.Select((v, k) => (k, v)).Where(slot => (slot.k + i) % 3 != 0)]);
        }
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");

        MrlTransformer transformer = _context.Transforms.MrlFineTune(Options(HeadKind.Orthogonal, start) with { ValidationFraction = 0 })
            .Fit(data);

        Assert.Equal(TrainingWinner.Learned, transformer.Head.Training!.Winner);
        float[][] before = SampleVectors.Read(data, "Input");
        float[][] after = SampleVectors.Read(transformer.Transform(data), "Embedding");
        for (int i = 0; i < before.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Assert.Equal(SampleVectors.Cosine(before[i], before[j]), SampleVectors.Cosine(after[i], after[j]), 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(HeadKind.Orthogonal, StartingPoint.Pca)]
    [InlineData(HeadKind.Orthogonal, StartingPoint.Identity)]
    [InlineData(HeadKind.Residual, StartingPoint.Identity)]
    public void Fit_PcaAlreadyPerfect_PcaIsReturned(HeadKind kind, StartingPoint start)
    {
        // Three classes far apart: nothing can do better.
        Example[] rows = Synthetic.Classes(90, 3, seed: 13);
        foreach (Example row in rows)
        {
            float[] values = row.Input.GetValues().ToArray();
            values[^(1 + row.Number)] += 200;
            row.Input = Example.Dense(values);
        }
        IDataView data = Example.View(_context, rows[..72], Synthetic.Width, "Input", "Label"),
        held = Example.View(_context, rows[72..], Synthetic.Width, "Input", "Label");

        EmbeddingHead head = _context.Transforms.MrlFineTune(Options(kind, start) with { Epochs = 3 }).Fit(data, held).Head;

        Assert.Equal(TrainingWinner.Pca, head.Training!.Winner);
        if (kind == HeadKind.Orthogonal)
        {
            AssertKind(kind, head);
            return;
        }
        EmbeddingHead rotation = _context.Transforms.PcaRotate("Embedding", "Input", Synthetic.Width).Fit(data).Head;
        Assert.All(rotation.Apply(rows[0]).Zip(head.Apply(rows[0])), pair => Assert.Equal(pair.First, pair.Second, 1e-2));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fit_RawPrefixBest_RawIsReturned(HeadKind kind, StartingPoint start)
    {
        // The signal comes first, so a raw prefix has all of it; a rate this low learns nothing.
        Example[] rows = Synthetic.Classes(200, 6, seed: 14);
        Array.ForEach(rows, row => row.Input = Example.Dense([.. row.Input.GetValues().ToArray().Reverse()]));
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");

        EmbeddingHead head = _context.Transforms.MrlFineTune(
            Options(kind, start) with { Dimensions = [6, 12], Epochs = 2, LearningRate = 1e-9 }).Fit(data).Head;

        float[] raw = rows[0].Input.GetValues()[..head.OutputDimensions].ToArray();
        if (start == StartingPoint.Pca)
        {
            Assert.Equal(TrainingWinner.Raw, head.Training!.Winner);
            Assert.Equal(raw, head.Apply(rows[0]));
        }
        // From the identity, what was learned is next to nothing: the two are as good.
        Assert.All(raw.Zip(head.Apply(rows[0])), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Equal(kind == HeadKind.Orthogonal ? Synthetic.Width : 12, head.OutputDimensions);
        if (kind == HeadKind.Orthogonal)
        {
            AssertKind(kind, head);
        }
    }

    [Fact]
    public void Residual_ClassesThatNoLinearMapParts_BeatsLinear()
    {
        // Two values of equal sign are one class, of unequal sign the other; two louder ones mean nothing.
        var random = new Random(5);
        Example[] rows =
        [
            .. Enumerable.Range(0, 800).Select(i =>
            {
                float[] signs = [random.Next(2) * 2 - 1, random.Next(2) * 2 - 1];
                return new Example
                {
                    Input = Example.Dense(
                        2 * Synthetic.Gaussian(random), 2 * Synthetic.Gaussian(random), signs[0] + 0.3f * Synthetic.Gaussian(random),
                        signs[1] + 0.3f * Synthetic.Gaussian(random)),
                    Label = signs[0] == signs[1] ? "equal" : "unequal",
                };
            }),
        ];
        IDataView data = Example.View(_context, rows, 4, "Input", "Label");
        double Score(HeadKind kind) =>
            _context.Transforms.MrlFineTune(
                Options(kind, StartingPoint.Pca) with { Dimensions = [2, 4], Epochs = 40, HiddenDimensions = kind == HeadKind.Residual ? 32
                : null })
            .Fit(data).Head.Training!.ValidationScores.Average(s => s.Learned);

        (double linear, double residual) = (Score(HeadKind.Linear), Score(HeadKind.Residual));

        Assert.True(residual > 0.9 && residual > linear + 0.1, $"Residual {residual}, linear {linear}.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fit_LearningRateFarTooHigh_FiniteHeadAllTheSame(HeadKind kind, StartingPoint start)
    {
        Example[] rows = Synthetic.Classes(100, 4, seed: 7);
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");
        foreach (double held in (double[])[0, 0.2])
        {
            EmbeddingHead head = _context.Transforms.MrlFineTune(
                Options(kind, start) with { LearningRate = 1e30, Epochs = 3, ValidationFraction = held }).Fit(data).Head;

            Assert.Equal(Synthetic.Width, head.OutputDimensions);
        }
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Residual)]
    public void Fit_IdentityOfWideSparseInput_StartsNearTheFirstValues(HeadKind kind)
    {
        const int Wide = 1200;
        IDataView data = Example.View(_context, Synthetic.WideSparse(300, Wide, 5, seed: 8), Wide, "Input", "Label");

        EmbeddingHead head = _context.Transforms.MrlFineTune(
            Options(kind, StartingPoint.Identity) with { Dimensions = null, OutputDimensions = 200, Epochs = 2 }).Fit(data).Head;

        Assert.Equal((Wide, 200), (head.InputDimensions, head.OutputDimensions));
    }

    private static void AssertKind(HeadKind kind, EmbeddingHead head) => Assert.IsType(
        kind switch { HeadKind.Orthogonal => typeof(OrthogonalHead), HeadKind.Residual => typeof(ResidualHead), _ => typeof(LinearHead) },
        head);

    private static MrlFineTuneOptions Options(HeadKind kind, StartingPoint start) => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = MrlObjective.Classification("Label"),
        Dimensions = [4, 8, 24],
        Head = kind,
        StartingPoint = start,
        BatchSize = 32,
        Epochs = 25,
        LearningRate = 0.02,
        ValidationFraction = 0.2,
    };
}

using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>A static encoder that starts from a linear head trained on its embeddings, which its table takes up.</summary>
[Collection(TorchCollection.Name)]
public sealed class StaticFrozenHeadTests
{
    private static readonly MatryoshkaDimensions s_short = [2, 16];
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_HeadIsNotBeaten_ItIsFoldedIntoTheTable()
    {
        // Fewer words than values: a linear head tells the classes apart even by two values, and nothing can do better.
        Sentences[] rows = Rows(400, words: 12, classes: 3);
        StaticTextEncoder encoder = Encoder(rows, dimensions: 16);
        Example[] embedded = [.. rows.Select(row => new Example { Input = Example.Dense(encoder.Encode(row.Text)), Label = row.Label })];
        EmbeddingHead head = _ml.Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding", InputColumnName = "Input", Objective = MrlObjective.Classification("Label"), Seed = 1,
            Head = HeadKind.Linear, Dimensions = s_short,
        }).Fit(Example.View(_ml, embedded, encoder.Dimensions, "Input", "Label")).Head;

        var got = (StaticTextEncoder)Fit(encoder, rows, dimensions: s_short).Encoder;

        Assert.StartsWith(
            "The encoder stays as it is, with a head behind it that was trained on its embeddings.", got.Training!.Verdict,
            StringComparison.Ordinal);
        Assert.Contains("The frozen-head prefix is returned.", got.Training.Verdict, StringComparison.Ordinal);
        Assert.EndsWith("The head, trained on all rows: " + head.Training!.Verdict, got.Training.Verdict, StringComparison.Ordinal);
        Assert.Equal((TrainingWinner.Learned, 400, 0), (got.Training.Winner, got.Training.TrainingRows, got.Training.BestEpoch));
        Assert.Equal(encoder.VocabularySize, got.VocabularySize);
        var expected = new float[head.OutputDimensions];
        foreach (Sentences row in rows[..50])
        {
            head.Apply(encoder.Encode(row.Text), expected);
            float[] actual = got.Encode(row.Text);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 1e-4 * TensorPrimitives.Norm<float>(expected));
            }
        }
    }

    [Fact]
    public void Fit_TableLearns_IsAheadOfTheHeadEverywhere()
    {
        // More words than values: what a linear map of their vectors can tell is little.
        Sentences[] rows = Rows(1200, words: 240, classes: 6);
        StaticTextEncoder encoder = Encoder(rows, dimensions: 16);

        TrainingSummary learned = Fit(encoder, rows).Encoder.Training!;

        Assert.StartsWith(
            "The encoder learned together with a head that was first trained on its embeddings. Learning beat the frozen-head prefix",
            learned.Verdict, StringComparison.Ordinal);
        Assert.Equal((960, 240), (learned.TrainingRows, learned.ValidationRows));
        Assert.True(learned.BestEpoch > 0);
        Assert.All(learned.ValidationScores, score => Assert.True(score.Learned > Math.Max(score.Raw, score.Pca) + 0.1, $"{learned}"));
    }

    [Fact]
    public void Fit_StartingPointGiven_TrainsNoHead()
    {
        Sentences[] rows = Rows(400, words: 60, classes: 3);
        string verdict = Fit(Encoder(rows, 16), rows, StartingPoint.Pca).Encoder.Training!.Verdict;
        Assert.DoesNotContain("frozen-head", verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("head", verdict[..40], StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WhileStarting_SaysHowLongTheHeadTakes()
    {
        Sentences[] rows = Rows(400, words: 60, classes: 3);
        var heard = new List<MrlProgress>();

        Fit(Encoder(rows, 16), rows, progress: new HeardProgress(heard.Add));

        MrlPhase[] phases = [.. heard.Select(p => p.Phase)];
        Assert.Equal(phases.Order(), phases);
        MrlProgress[] ofHead = [.. heard.Where(p => p.Phase == MrlPhase.Starting && p.Step > 0 && p.Step == p.Steps)];
        Assert.True(ofHead.Length > 3);
        Assert.All(heard, p => Assert.True(p.Remaining is null || p.Remaining >= TimeSpan.Zero));
        Assert.Contains(ofHead, p => p.Remaining > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, ofHead[^1].Remaining);
    }

    private EncodeTextTransformer Fit(
        StaticTextEncoder encoder, Sentences[] rows, StartingPoint? start = null, IProgress<MrlProgress>? progress = null,
        MatryoshkaDimensions? dimensions = null) =>
        _ml.Transforms.MrlFineTuneEncoder(new MrlFineTuneEncoderOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = "Text",
            Encoder = encoder,
            Objective = MrlObjective.Classification("Label"),
            Epochs = 20,
            BatchSize = 64,
            Seed = 1,
            StartingPoint = start,
            Dimensions = dimensions,
        }).Fit(Sentences.View(_ml, rows), progress: progress);

    private static StaticTextEncoder Encoder(Sentences[] rows, int dimensions) => StaticTextEncoder.Create(
        rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = dimensions, Buckets = 0, MinCount = 1, Seed = 3 });

    /// <summary>Texts of five words of their class.</summary>
    private static Sentences[] Rows(int rows, int words, int classes)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, rows).Select(i => new Sentences
        {
            Text = string.Join(' ', Enumerable.Range(0, 5).Select(_ => $"w{random.Next(words / classes) * classes + i % classes}x")),
            Label = $"class {i % classes}",
        })];
    }
}

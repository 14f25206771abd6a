using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>A transformer that starts from a head trained on its embeddings as they come.</summary>
[Collection(TorchCollection.Name)]
public sealed class FrozenHeadTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_EncoderHardlyLearns_IsTheEncoderAsItCameWithTheHeadBehindIt()
    {
        Sentences[] rows = Sentences.Classes(600, 6, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);

        var got = (TransformerTextEncoder)Fit(encoder, rows, learningRate: 1e-9).Encoder;

        Assert.Equal(TrainingWinner.Learned, got.Training!.Winner);
        Assert.StartsWith(
            "The encoder stays as it is, with a head behind it that was trained on its embeddings.", got.Training.Verdict,
            StringComparison.Ordinal);
        Assert.Contains("The frozen-head prefix is returned.", got.Training.Verdict, StringComparison.Ordinal);
        Assert.All(
            encoder.Model.Weights.File.Tensors.Zip(got.Model.Weights.File.Tensors),
            pair => Assert.Equal(pair.First.Bytes.AsSpan(), pair.Second.Bytes.AsSpan()));
        Assert.All(
            got.Training.ValidationScores, score => Assert.True(score.Learned > Math.Max(score.Raw, score.Pca), got.Training.ToString()));
        // Every row was held back once, and the head learned from all.
        Assert.Equal((600, 600), (got.Training.TrainingRows, got.Training.ValidationRows));
    }

    [Fact]
    public void Fit_EncoderHardlyLearns_TheHeadIsThatOfMrlFineTune()
    {
        Sentences[] rows = Sentences.Classes(600, 6, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        // In the parts in which the training embeds them, so that not even their last bits differ.
        Example[] embedded = [.. rows.Chunk(256).SelectMany(part =>
        {
            var values = new float[part.Length * encoder.Dimensions];
            encoder.Encode([.. part.Select(row => row.Text)], values);
            return part.Select((row, i) => new Example
            {
                Input = Example.Dense(values[(i * encoder.Dimensions)..((i + 1) * encoder.Dimensions)]), Label = row.Label,
            });
        })];
        EmbeddingHead head = _ml.Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding", InputColumnName = "Input", Objective = MrlObjective.Classification("Label"), Seed = 1,
        }).Fit(Example.View(_ml, embedded, encoder.Dimensions, "Input", "Label")).Head;

        TextEncoder got = Fit(encoder, rows, learningRate: 1e-9).Encoder;

        Assert.Equal(
            head.Training!.ValidationScores.Select(s => (s.Dimensions, s.Raw, s.Pca, s.Learned)),
            got.Training!.ValidationScores.Select(s => (s.Dimensions, s.Raw, s.Pca, s.Learned)));
        // An encoder's options have no Transfer.
        string verdict = head.Training.Verdict.Replace(
            VerdictAdvice.ToPrograms.KeepOtherUses, VerdictAdvice.ToPrograms.KeepOtherUsesOfEncoder, StringComparison.Ordinal);
        Assert.EndsWith("The head, trained on all rows: " + verdict, got.Training.Verdict, StringComparison.Ordinal);
        foreach (Sentences row in rows[..20])
        {
            Assert.InRange(
                System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(Applied(head, encoder.Encode(row.Text)), got.Encode(row.Text)),
                0.99999f, 1.00001f);
        }
    }

    [Fact]
    public void Fit_EncoderLearns_IsAheadOfTheHeadAlone()
    {
        Sentences[] rows = Sentences.Classes(600, 6, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);

        TrainingSummary frozen = Fit(encoder, rows, learningRate: 1e-9).Encoder.Training!;
        TrainingSummary learned = Fit(encoder, rows, learningRate: 2e-3).Encoder.Training!;

        Assert.StartsWith(
            "The encoder learned together with a head that was first trained on its embeddings.", learned.Verdict,
            StringComparison.Ordinal);
        // A fifth was held back of few rows.
        Assert.Equal((480, 120), (learned.TrainingRows, learned.ValidationRows));
        Assert.All(learned.ValidationScores, score => Assert.True(score.Learned > Math.Max(score.Raw, score.Pca), learned.ToString()));
        Assert.True(
            learned.ValidationScores.Average(s => s.Learned) > frozen.ValidationScores.Average(s => s.Learned), $"{frozen}\n{learned}");
    }

    [Fact]
    public void Fit_TwoVerdictsAreLogged_EachSaysWhoseItIs()
    {
        Sentences[] rows = Sentences.Classes(600, 6, seed: 1);
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.RawMessage);

        TrainingSummary summary = Fit(Encoder(rows), rows, learningRate: 1e-9).Encoder.Training!;

        string[] verdicts = [.. log.Where(line => line.Contains(" rows held back ", StringComparison.Ordinal))];
        Assert.Equal(
            ["The head on the frozen encoder", "The encoder", "The head on the frozen encoder, trained on all rows"],
            verdicts.Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.EndsWith(verdicts[2][(verdicts[2].IndexOf(": ", StringComparison.Ordinal) + 2)..], summary.Verdict, StringComparison.Ordinal);
        Assert.Contains(verdicts[1]["The encoder: ".Length..], summary.Verdict, StringComparison.Ordinal);
        Assert.Contains(log, line => line.StartsWith("The encoder: Epoch 1 of 6: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_SameSeedTwice_SameBytes()
    {
        Sentences[] rows = Sentences.Classes(120, 4, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);

        Assert.Equal(Fit(encoder, rows, 2e-3).Encoder.Fingerprint, Fit(encoder, rows, 2e-3).Encoder.Fingerprint);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StartingPoint.Pca)]
    public void Fit_WhileStarting_SaysHowManyTextsAreEmbeddedAndHowLongTheRestTakes(StartingPoint? start)
    {
        Sentences[] rows = Sentences.Classes(600, 4, seed: 1);
        var heard = new List<MrlProgress>();

        Fit(Encoder(rows), rows, 2e-3, start, new HeardProgress(p =>
        {
            if (p.Phase == MrlPhase.Starting && p.Step > 0)
            {
                heard.Add(p);
            }
        }));

        Assert.True(heard.Count >= 2);
        Assert.All(heard, p => Assert.True(p.Remaining >= TimeSpan.Zero && p.Step <= p.Steps));
        Assert.Equal(heard[^1].Steps, heard[^1].Step);
        Assert.Equal(TimeSpan.Zero, heard[^1].Remaining);
    }

    private TransformerTextEncoder Encoder(Sentences[] rows) =>
        TinyTransformer.Make(_folder["tiny"], rows.SelectMany(r => new[] { r.Text, r.Positive, r.Negative }));

    private EncodeTextTransformer Fit(
        TransformerTextEncoder encoder, Sentences[] rows, double learningRate, StartingPoint? start = null,
        IProgress<MrlProgress>? progress = null) =>
        _ml.Transforms.MrlFineTuneEncoder(new MrlFineTuneEncoderOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = "Text",
            Encoder = encoder,
            Objective = MrlObjective.Classification("Label"),
            Epochs = 6,
            BatchSize = 32,
            Seed = 1,
            StartingPoint = start,
            Transformer = new() { LearningRate = learningRate, DenseLearningRate = learningRate },
        }).Fit(Sentences.View(_ml, rows), progress: progress);

    private static float[] Applied(EmbeddingHead head, ReadOnlySpan<float> vector)
    {
        var result = new float[head.OutputDimensions];
        head.Apply(vector, result);
        return result;
    }
}

using System.Text.Json;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.Tests.TorchSharp.Modules.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>The trainer's loss, gradient and step: against the reference's values, which lie beside the repository, against finite
/// differences, and part by part against the whole.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerEncoderTrainerTests(ITestOutputHelper output) : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-mini", 100)]
    [InlineData("bert-mini", 5)]
    [InlineData("bert-dense-identity", 4)]
    [InlineData("distilbert-mini", 7)]
    public void Differentiate_GoldenPairs_HasTheReferencesLossAndGradient(string name, int textsAtOnce)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        JsonElement training = golden.Values.GetProperty("training");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(golden.Folder);
        using Trained trained = NewTrainer(
            GoldenOptions(encoder, training) with { Transformer = new() { MiniBatchSize = textsAtOnce } }, GoldenPairs(training));

        double loss = trained.Trainer.Differentiate([0, 1, 2, 3, 4, 5]);

        Assert.Equal(training.GetProperty("loss").GetDouble(), loss, 1e-4);
        double norm = Math.Sqrt(Gradients(trained.Trainer).Sum(part => part.Sum(g => (double)g * g)));
        Assert.Equal(1, norm / training.GetProperty("gradient_norm").GetDouble(), 1e-4);
        string gaps = GoldenGradients.AssertEqual(
            training, trained.Trainer.Module.Parameters.Zip(Gradients(trained.Trainer))
            .ToDictionary(pair => TransformerModuleTests.GoldenName(pair.First.Key), pair => pair.Second));
        output.WriteLine($"{name}: loss {loss}, norm {norm}, {gaps}");
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void Fit_OneStepOfGoldenPairs_HasTheReferencesWeights(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        JsonElement training = golden.Values.GetProperty("training");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(golden.Folder);
        MrlFineTuneEncoderOptions options = GoldenOptions(encoder, training) with
        {
            StartingPoint = StartingPoint.Identity,
            Epochs = 1,
            BatchSize = 6,
            WarmUpFraction = 0,
            WeightDecay = 0.01,
            Transformer =
                new() { LearningRate = 1e-3, DenseLearningRate = 1e-3, MaxGradientNorm = double.PositiveInfinity, Dropout = 0,
                MiniBatchSize = 5 },
        };

        var trained = (TransformerTextEncoder)_ml.Transforms.MrlFineTuneEncoder(options).Fit(Sentences.View(_ml, GoldenPairs(training)))
            .Encoder;

        string[] noise = [.. training.GetProperty("gradient_is_zero_in_exact_arithmetic").EnumerateArray().Select(n => n.GetString()!)];
        double worst = 0;
        foreach (
            JsonProperty expected in training.GetProperty("after_step").GetProperty("no_decay_for_bias_and_layernorm").EnumerateObject()
            .Where(p => !noise.Contains(p.Name)))
        {
            float[] actual = expected.Name == "2:linear.weight"
                ? trained.Model.Modules.Steps.OfType<DenseStep>().Single().Weight.Singles()
                : trained.Model.Weights.File.Tensors.Single(t => t.Name == expected.Name).Singles();
            worst = Math.Max(worst, Math.Abs(Math.Sqrt(actual.Sum(v => (double)v * v)) - expected.Value.GetProperty("l2").GetDouble()));
            double[] first = GoldenLosses.Numbers(expected.Value.GetProperty("first"));
            worst = Math.Max(worst, first.Select((value, i) => Math.Abs(actual[i] - value)).Max());
        }
        output.WriteLine($"{name}: {worst:E2}");
        // Every number moves by 1e-3, so this tells signs and decay apart. The scale of embeddings changes nothing but rounding.
        Assert.InRange(worst, 0, 4e-5);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    [InlineData(23, false)]
    [InlineData(8, true)]
    [InlineData(5, true)]
    public void Differentiate_AnyNumberOfMiniBatchSize_EqualsOnePass(int textsAtOnce, bool adaptive)
    {
        Sentences[] rows = Sentences.Classes(24, 4, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        MrlFineTuneEncoderOptions options = Options(
            encoder, MrlObjective.Weighted((MrlObjective.Pairs("Positive", "Negative"), 1), (MrlObjective.Classification("Label"), 0.5)));
        int[] batch = [.. Enumerable.Range(0, 12)];
        int? layer = adaptive ? 1 : null;
        AdaptiveLayerOptions? layers = adaptive ? new() : null;
        using Trained whole = NewTrainer(options with { Transformer = new() { MiniBatchSize = 100, AdaptiveLayers = layers } }, rows);
        using Trained parts = NewTrainer(
            options with { Transformer = new() { MiniBatchSize = textsAtOnce, AdaptiveLayers = layers } }, rows);

        double expected = whole.Trainer.Differentiate(batch, layer: layer);
        double actual = parts.Trainer.Differentiate(batch, layer: layer);

        Assert.Equal(expected, actual, 1e-4);
        foreach ((float[] one, float[] other) in Gradients(whole.Trainer).Zip(Gradients(parts.Trainer)))
        {
            Assert.InRange(GoldenEncoder.Gap(one, other), 0, 1e-4);
        }
        Assert.Contains(Gradients(whole.Trainer), part => part.Max(Math.Abs) > 0.01);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Differentiate_EqualsFiniteDifferences(bool adaptive)
    {
        Sentences[] rows = Sentences.Classes(16, 4, seed: 1);
        // The divergence is left out: its teacher is held fixed, which a difference of losses cannot do.
        AdaptiveLayerOptions? layers = adaptive ? new() { PriorLayersWeight = 0.7, DivergenceWeight = 0 } : null;
        using Trained trained = NewTrainer(
            Options(Encoder(rows),
            MrlObjective.Pairs("Positive")) with { Transformer = new() { MiniBatchSize = 10, AdaptiveLayers = layers } }, rows);
        int[] batch = [0, 1, 2, 3, 4, 5, 6, 7];
        int? layer = adaptive ? 1 : null;
        trained.Trainer.Differentiate(batch, layer: layer);
        float[][] gradients = Gradients(trained.Trainer);
        Parameter[] parameters = [.. trained.Trainer.Module.Parameters.Select(p => p.Value)];

        int compared = 0;
        for (int p = 0; p < parameters.Length; p++)
        {
            int i = Array.IndexOf(gradients[p], gradients[p].MaxBy(Math.Abs));
            if (Math.Abs(gradients[p][i]) < 0.02)
            {
                continue;
            }
            const float Step = 4e-3f;
            double above = LossWith(Step), below = LossWith(-2 * Step);
            parameters[p].Values()[i] += Step;
            double slope = (above - below) / (2 * Step);
            Assert.True(
                Math.Abs(slope - gradients[p][i]) < 0.03 * Math.Abs(gradients[p][i]) + 2e-3,
                $"{trained.Trainer.Module.Parameters[p].Key}: {gradients[p][i]}, by differences {slope}");
            compared++;

            double LossWith(float change)
            {
                parameters[p].Values()[i] += change;
                return trained.Trainer.Differentiate(batch, layer: layer);
            }
        }
        Assert.True(compared >= 15, $"{compared} parameters had a gradient to compare.");
    }

    [Fact]
    public void Differentiate_OnSeveralThreads_GivesTheSameBytesAgain()
    {
        Sentences[] rows = Sentences.Classes(96, 4, seed: 1);
        TransformerTextEncoder encoder = TinyTransformer.Make(
            _folder["wide"], rows.SelectMany(r => new[] { r.Text, r.Positive }), hidden: 128);
        int before = torch.get_num_threads();
        try
        {
            float[][][] gradients = [.. new[] { 2, 2, 2, 1 }.Select(threads =>
            {
                torch.set_num_threads(threads);
                using Trained trained = NewTrainer(Options(encoder, MrlObjective.Pairs("Positive")), rows);
                trained.Trainer.Differentiate([.. Enumerable.Range(0, 96)], seedOfChunk: chunk => (ulong)chunk);
                return Gradients(trained.Trainer);
            })];

            Assert.Equal(gradients[0], gradients[1]);
            Assert.Equal(gradients[0], gradients[2]);
            double gap = gradients[0].Zip(gradients[3], (one, other) => GoldenEncoder.Gap(one, other)).Max();
            output.WriteLine($"One thread and two differ by {gap:E2}.");
            Assert.InRange(gap, 0, 1e-4);
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void Differentiate_SeveralBatches_AddUpToTheirMean()
    {
        Sentences[] rows = Sentences.Classes(24, 4, seed: 1);
        MrlFineTuneEncoderOptions options = Options(Encoder(rows), MrlObjective.Triplets("Positive", "Negative"));
        using Trained one = NewTrainer(options, rows);
        using Trained two = NewTrainer(options, rows);
        int[] batch = [.. Enumerable.Range(0, 12)];

        // A triplet looks at nothing but its own row, so the mean over halves is the whole.
        double whole = one.Trainer.Differentiate(batch);
        double halves = two.Trainer.Differentiate(batch.AsSpan(0, 6), 0.5) + two.Trainer.Differentiate(batch.AsSpan(6), 0.5);

        Assert.Equal(whole, halves, 1e-5);
        foreach ((float[] expected, float[] actual) in Gradients(one.Trainer).Zip(Gradients(two.Trainer)))
        {
            Assert.InRange(GoldenEncoder.Gap(expected, actual), 0, 1e-5);
        }
    }

    [Fact]
    public void Train_TheEncoder_DoesWhatTheModuleDoes()
    {
        Sentences[] rows = Sentences.Classes(60, 4, seed: 1);
        using Trained trained = NewTrainer(
            Options(Encoder(rows, normalizes: true), MrlObjective.Pairs("Positive")) with { Epochs = 2, Gate = HarmGate.Off }, rows);

        using var log = new MrlLog(((Microsoft.ML.Runtime.IHostEnvironment)_ml).Register("test"), "test");
        TransformerTextEncoder encoder = trained.Trainer.Train(log, new FitCall(null, null, TestContext.Current.CancellationToken));

        Assert.Equal(TrainingWinner.Learned, encoder.Training!.Winner);
        using DisposeScope scope = torch.NewDisposeScope();
        float[] module = [.. trained.Trainer.Module.Embed(TokenBatch.From([.. rows.Select(r => encoder.Tokenize(r.Text))], 0)).Values()];
        var served = new float[module.Length];
        encoder.Encode([.. rows.Select(r => r.Text)], served);
        Assert.InRange(GoldenEncoder.Gap(module, served), 0, 1e-4);
    }

    [Fact]
    public void Learned_ManyRowsOfAnyLength_KeepsTheirOrder()
    {
        Sentences[] rows = [.. Sentences.Classes(40, 4, seed: 1)];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Text = string.Join(' ', rows[i].Text.Split(' ').Take(1 + i % 7));
        }
        using Trained trained = NewTrainer(
            Options(Encoder(rows), MrlObjective.Classification("Label")) with { Transformer = new() { MiniBatchSize = 3 } }, rows);
        int[] order = [.. Enumerable.Range(0, 40).Reverse()];
        using ExampleSet examples = Read(rows, trained.Encoder, MrlObjective.Classification("Label"));

        EmbeddingMatrix read = new ModuleEmbeddings(examples, 3, 0, 2, batch => trained.Trainer.Module.Embed(batch))
            .Read(VectorRole.Anchor, order);

        for (int i = 0; i < order.Length; i++)
        {
            Assert.InRange(GoldenEncoder.Gap(trained.Encoder.Encode(rows[order[i]].Text), read.Row(i)), 0, 1e-5);
        }
    }

    [Fact]
    public void Divergence_OfEarlierEmbeddings_EqualsThePlainLoop()
    {
        float[] last = [0.3f, -1, 2, 0, 0.5f, 0.1f], earlier = [0.1f, 0.4f, -0.6f, 1, 1, -2];
        double expected = 0;
        for (int row = 0; row < 2; row++)
        {
            double[] wanted = Softmax(last[(row * 3)..(row * 3 + 3)]), got = Softmax(earlier[(row * 3)..(row * 3 + 3)]);
            expected += 0.3 * wanted.Zip(got, (p, q) => p * Math.Log(p / q)).Sum() / 2;
        }
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal(expected, LayerDivergence.Of(torch.tensor(last, [2, 3]), torch.tensor(earlier, [2, 3]), 0.3).item<float>(), 1e-5);

        static double[] Softmax(float[] values)
        {
            double[] powers = [.. values.Select(v => Math.Exp(v / 0.3))];
            return [.. powers.Select(p => p / powers.Sum())];
        }
    }

    [Fact]
    public void Divergence_OfEarlierEmbeddings_TeachesTheEarlierLayerAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor last = torch.tensor([0.3f, -1, 2, 0, 0.5f, 0.1f], [2, 3]).requires_grad_();
        torch.Tensor earlier = torch.tensor([0.1f, 0.4f, -0.6f, 1, 1, -2], [2, 3]).requires_grad_();

        LayerDivergence.Of(last, earlier, 0.3).backward();

        Assert.Null(last.grad);
        // ∂/∂z_l of τ KL(p ‖ softmax(z_l / τ)) / N = (softmax(z_l / τ) − p) / N.
        torch.Tensor expected = ((earlier / 0.3f).softmax(1) - (last / 0.3f).softmax(1)) / 2;
        Assert.True(earlier.grad!.allclose(expected, 1e-5, 1e-6));
    }

    [Fact]
    public void StepNumbers_DependOnAllTheirParts()
    {
        ulong[] seeds =
        [
            new StepNumbers(1, 2).SeedOf(0, 0), new StepNumbers(2, 2).SeedOf(0, 0), new StepNumbers(1, 3).SeedOf(0, 0),
            new StepNumbers(1, 2).SeedOf(1, 0), new StepNumbers(1, 2).SeedOf(0, 1), new StepNumbers(-1, 2).SeedOf(0, 0),
        ];
        int[] drawn = [.. Enumerable.Range(0, 600).Select(step => new StepNumbers(7, step).Between(3, 5))];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
        Assert.Equal(seeds[0], new StepNumbers(1, 2).SeedOf(0, 0));
        Assert.All(new[] { 3, 4, 5 }, layer => Assert.InRange(drawn.Count(d => d == layer), 150, 250));
        Assert.Equal(4, new StepNumbers(0, 0).Between(4, 4));
    }

    private static Sentences[] GoldenPairs(JsonElement training) =>
        [.. training.GetProperty("pairs").EnumerateArray()
            .Select(p => new Sentences { Text = p[0].GetString()!, Positive = p[1].GetString()! })];

    private static MrlFineTuneEncoderOptions GoldenOptions(TransformerTextEncoder encoder, JsonElement training) =>
        Options(encoder,
            MrlObjective.Pairs(
                new PairsOptions { PositiveColumnName = "Positive", ExcludeEqualVectors = false,
                Temperature = 1 / training.GetProperty("scale").GetDouble() })) with
        {
            Dimensions = new MatryoshkaDimensions(training.GetProperty("dims").EnumerateArray().Select(d => d.GetInt32())),
            OutputDimensions = encoder.Dimensions,
            ValidationFraction = 0,
        };

    private static MrlFineTuneEncoderOptions Options(TextEncoder encoder, MrlObjective objective) => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = "Text",
        Encoder = encoder,
        Objective = objective,
        BatchSize = 16,
        Seed = 1,
    };

    private TransformerTextEncoder Encoder(Sentences[] rows, bool normalizes = false) =>
        TinyTransformer.Make(_folder["tiny"], rows.SelectMany(r => new[] { r.Text, r.Positive, r.Negative }), normalizes: normalizes);

    private static ExampleSet Read(Sentences[] rows, TransformerTextEncoder encoder, MrlObjective objective) => ExampleReader.Read(
        Sentences.View(new MLContext(), rows), null, "Text", objective.Columns, RowStorage.Of(), new TransformerColumns(encoder),
        TestContext.Current.CancellationToken);

    private Trained NewTrainer(MrlFineTuneEncoderOptions options, Sentences[] rows)
    {
        var encoder = (TransformerTextEncoder)options.Encoder;
        ExampleSet examples = Read(rows, encoder, options.Objective);
        TrainingPlan plan = TrainingPlan.For(options, encoder.Dimensions, options.Seed ?? 0);
        ExampleSplit split = ExampleSplit.Make(examples, options.ValidationFraction ?? 0.1, new Random(0));
        var task = new TrainingTask(plan, examples, split, ScoringRows.Choose(split, new Random(0)));
        var trainer = new TransformerEncoderTrainer(task, encoder, (LinearHead)StartingHeads.Raw(plan, encoder.Dimensions, null), scale: 1);
        return new Trained(trainer, encoder, examples);
    }

    private static float[][] Gradients(TransformerEncoderTrainer trainer)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. trainer.Module.Parameters.Select(
            p => p.Value.grad?.contiguous().Values().ToArray() ?? new float[p.Value.NumberOfElements])];
    }

    private sealed record Trained(TransformerEncoderTrainer Trainer, TransformerTextEncoder Encoder, ExampleSet Examples) : IDisposable
    {
        public void Dispose()
        {
            Trainer.Dispose();
            Examples.Dispose();
        }
    }
}

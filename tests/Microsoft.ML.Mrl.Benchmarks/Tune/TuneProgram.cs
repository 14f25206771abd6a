using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Tune;

/// <summary>
/// What do steps of a transformer's training cost: nested losses against one, cached gradients against one pass, texts sorted by length
/// against texts as they come, a drawn layer against none?
/// <c>dotnet run -c Release -- tune [ROUNDS]</c>: a BERT of 4 layers of 256 values with random weights, 64 pairs a step. The variants of a
/// question take turns; medians of the rounds' ratios.
/// </summary>
internal static class TuneProgram
{
    private const int Pairs = 64;
    private const int Width = 256;

    public static int Run(string[] args)
    {
        int rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 7;
        LibTorch.EnsureLoaded();
        string folder = Directory.CreateTempSubdirectory("mrl-tune-").FullName;
        try
        {
            TransformerTextEncoder encoder = RandomBert.Make(folder, layers: 4, Width);
            var random = new Random(2);
            TextPair[] mixed = [
                .. Enumerable.Range(0, Pairs)
                .Select(_ =>
                    new TextPair { Text = RandomBert.Text(random, 3 + (int)Math.Exp(random.NextDouble() * 4)),
                    Positive = RandomBert.Text(random, 3 + (int)Math.Exp(random.NextDouble() * 4)) })];
            TextPair[] even = [
                .. Enumerable.Range(0, Pairs)
                .Select(_ => new TextPair { Text = RandomBert.Text(random, 14), Positive = RandomBert.Text(random, 14) })];

            using var nested = new Training(encoder, mixed, MatryoshkaDimensions.HalvedFrom(Width), new());
            using var single = new Training(encoder, mixed, [Width], new());
            Compare("loss at 6 dimensions", nested.Step, "loss at 1", single.Step, rounds);

            using var whole = new Training(encoder, even, MatryoshkaDimensions.HalvedFrom(Width), new() { MiniBatchSize = 2 * Pairs });
            using var parts = new Training(encoder, even, MatryoshkaDimensions.HalvedFrom(Width), new() { MiniBatchSize = 32 });
            Compare("cached gradients, 32 texts at once", parts.Step, "one pass over 128 texts of one length", whole.Step, rounds);

            Compare("32 texts at once, sorted by length", nested.SortedPass, "as they come", nested.UnsortedPass, rounds);

            using var layers = new Training(encoder, mixed, MatryoshkaDimensions.HalvedFrom(Width), new() { AdaptiveLayers = new() });
            Compare("with a drawn layer", layers.Step, "last layer alone", nested.Step, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Compare(string name, Action run, string otherName, Action other, int rounds)
    {
        (double Seconds, double Ratio)[] taken = Turns.Measure([(otherName, other), (name, run)], rounds);
        Console.WriteLine(
            FormattableString.Invariant(
                $"{name}: {taken[1].Seconds * 1e3:F0} ms, {1 / taken[1].Ratio:F2} times {otherName} ({taken[0].Seconds * 1e3:F0} ms)"));
    }

    /// <summary>One training and its optimizer, outside of the loop.</summary>
    private sealed class Training : IDisposable
    {
        private readonly ExampleSet _examples;
        private readonly TransformerEncoderTrainer _trainer;
        private readonly AdamW _optimizer;
        private readonly int[] _rows;
        private readonly int[][] _texts;
        private readonly int? _layer;

        public Training(
            TransformerTextEncoder encoder, TextPair[] pairs, MatryoshkaDimensions dimensions, TransformerTrainingOptions training)
        {
            var context = new MLContext(1);
            var options = new MrlFineTuneEncoderOptions
            {
                OutputColumnName = "Embedding", InputColumnName = "Text", Encoder = encoder, Objective = MrlObjective.Pairs("Positive"),
                Dimensions = dimensions,
                BatchSize = pairs.Length, Transformer = training,
            };
            _examples = ExampleReader.Read(
                context.Data.LoadFromEnumerable(pairs), null, "Text", options.Objective.Columns, RowStorage.Of(),
                new TransformerColumns(encoder), CancellationToken.None);
            TrainingPlan plan = TrainingPlan.For(options, encoder.Dimensions, 1);
            _rows = [.. Enumerable.Range(0, pairs.Length)];
            var split = new ExampleSplit(_rows, []);
            var task = new TrainingTask(plan, _examples, split, ScoringRows.Choose(split, new Random(1)));
            _trainer = new TransformerEncoderTrainer(
                task, encoder, (LinearHead)StartingHeads.Raw(plan, encoder.Dimensions, null), scale: 1);
            _optimizer = new AdamW([.. _trainer.Module.Learned.Select(p => p.Value)], 0.01);
            _texts = [.. _examples.Vectors.Values.SelectMany(texts => _rows.Select(row => ((TransformerRows)texts).Ids(row).ToArray()))];
            _layer = training.AdaptiveLayers is null ? null : 2;
        }

        public void Step()
        {
            _trainer.Differentiate(_rows, layer: _layer, seedOfChunk: chunk => (ulong)chunk);
            _optimizer.Step(1e-6);
        }

        public void SortedPass() => Pass([.. new SortedChunks(_texts, 0, 32).Batches]);

        public void UnsortedPass() => Pass([.. _texts.Chunk(32).Select(part => TokenBatch.From(part, 0))]);

        public void Dispose()
        {
            _trainer.Dispose();
            _examples.Dispose();
        }

        private void Pass(TokenBatch[] batches)
        {
            foreach (TokenBatch batch in batches)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor embeddings = _trainer.Module.Embed(batch);
                embeddings.mul(embeddings).sum().backward();
            }
            _optimizer.Drop();
        }
    }
}

using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.FineTune;

/// <summary>
/// The training as a user of TorchSharp would write it: a residual head that starts as the vectors themselves, a linear classifier for each
/// dimension on the prefix, cross-entropy summed over the dimensions, AdamW with a warm-up and half a cosine, 256 rows a step.
/// </summary>
internal sealed class PlainTraining : IDisposable
{
    private const int BatchSize = 256;
    private const int MostHidden = 512;
    private const double WeightDecay = 0.01;
    private const double WarmUp = 0.1;

    private readonly MatryoshkaDimensions _dimensions;
    private readonly double _learningRate;
    private readonly Tensor _vectors;
    private readonly Tensor _labels;
    private readonly Linear _direct;
    private readonly Linear _hidden;
    private readonly Linear _output;
    private readonly Linear[] _classifiers;

    public PlainTraining(IReadOnlyList<Example> rows, MatryoshkaDimensions dimensions, double learningRate, int seed)
    {
        LibTorch.EnsureLoaded();
        manual_seed(seed);
        _dimensions = dimensions;
        _learningRate = learningRate;
        int width = dimensions.Largest;
        string[] classes = [.. rows.Select(row => row.Label).Distinct()];
        _vectors = Stacked(rows);
        _labels = tensor(rows.Select(row => (long)Array.IndexOf(classes, row.Label)).ToArray());
        _direct = nn.Linear(width, width);
        _hidden = nn.Linear(width, Math.Min(2 * width, MostHidden));
        _output = nn.Linear(Math.Min(2 * width, MostHidden), width, hasBias: false);
        _classifiers = [.. dimensions.Select(m => nn.Linear(m, classes.Length))];
        using (no_grad())
        {
            nn.init.eye_(_direct.weight);
            nn.init.zeros_(_direct.bias!);
            nn.init.zeros_(_output.weight);
        }
    }

    /// <summary>Trains.</summary>
    public void Run(int epochs)
    {
        using optim.Optimizer optimizer = optim.AdamW(
            [.. _direct.parameters(), .. _hidden.parameters(), .. _output.parameters(), .. _classifiers.SelectMany(c => c.parameters())],
            lr: _learningRate, weight_decay: WeightDecay);
        int rows = (int)_vectors.shape[0], perEpoch = (rows + BatchSize - 1) / BatchSize, steps = epochs * perEpoch, step = 0;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            using Tensor order = randperm(rows);
            for (int first = 0; first < rows; first += BatchSize, step++)
            {
                using DisposeScope scope = NewDisposeScope();
                foreach (optim.ILearningRateController group in optimizer.ParamGroups)
                {
                    group.LearningRate = RateAt(step, steps);
                }
                Tensor batch = order.narrow(0, first, Math.Min(BatchSize, rows - first));
                Tensor embeddings = Forward(_vectors.index_select(0, batch)), labels = _labels.index_select(0, batch);
                Tensor loss = zeros(1);
                for (int i = 0; i < _classifiers.Length; i++)
                {
                    loss += nn.functional.cross_entropy(_classifiers[i].forward(embeddings.narrow(1, 0, _dimensions[i])), labels);
                }
                optimizer.zero_grad();
                loss.backward();
                optimizer.step();
            }
        }
    }

    /// <summary>The trained vectors of some rows.</summary>
    public float[][] Apply(IReadOnlyList<Example> rows)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return [.. Forward(Stacked(rows)).data<float>().ToArray().Chunk(_dimensions.Largest)];
    }

    public void Dispose()
    {
        _vectors.Dispose();
        _labels.Dispose();
        _direct.Dispose();
        _hidden.Dispose();
        _output.Dispose();
        foreach (Linear classifier in _classifiers)
        {
            classifier.Dispose();
        }
    }

    private static Tensor Stacked(IReadOnlyList<Example> rows) =>
        tensor(rows.SelectMany(row => row.Vector).ToArray(), [rows.Count, rows[0].Vector.Length]);

    private Tensor Forward(Tensor rows) => _direct.forward(rows) + _output.forward(_hidden.forward(rows).relu());

    private double RateAt(int step, int steps)
    {
        double warm = WarmUp * steps;
        return step < warm ? _learningRate * (step + 1) / warm
            : _learningRate * 0.5 * (1 + Math.Cos(Math.PI * (step - warm) / (steps - warm)));
    }
}

using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Something that learns: a head or an encoder. It takes steps, hands its weights out, takes weights in, and embeds rows.
/// </summary>
internal interface ITrained
{
    /// <summary>What it learns.</summary>
    TrainingTask Task { get; }

    /// <summary>The loss, with what it learns itself.</summary>
    MatryoshkaLoss Loss { get; }

    /// <summary>Says which rows go into a batch together.</summary>
    BatchBuilder Batches { get; }

    /// <summary>What the optimizers remember.</summary>
    IReadOnlyList<IOptimizerState> Optimizers { get; }

    /// <summary>The embeddings by the present weights.</summary>
    IEmbeddingSource Learned { get; }

    /// <summary>The PCA prefix, or what else it is to be compared with.</summary>
    IEmbeddingSource Pca { get; }

    /// <summary>What <see cref="Pca"/> is called.</summary>
    string PcaName => "PCA";

    /// <summary>Whether what was learned must not be behind that at any dimension.</summary>
    bool MustLeadEverywhere => false;

    /// <summary>Takes one step, unless its loss or gradient is not finite.</summary>
    /// <param name="rows">The rows of one batch, or of as many as a step has.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="step">The number of the step, from 0.</param>
    /// <returns>The loss, NaN where no step was taken.</returns>
    double Step(ReadOnlySpan<int> rows, double learningRate, int step);

    /// <summary>A copy of all weights that learn.</summary>
    float[][] TakeWeights();

    /// <summary>Makes a copy's weights the present ones.</summary>
    void PutWeights(float[][] weights);

    /// <summary>Whether learned values can have those of the start behind them.</summary>
    bool CanPutStartBehind => false;

    /// <summary>Weights whose output is the first values of a copy's, times a scale, and behind them the first values of the
    /// start.</summary>
    /// <param name="weights">The copy.</param>
    /// <param name="columns">How many values are the copy's.</param>
    /// <param name="scale">What those are multiplied by.</param>
    float[][] WithStartBehind(float[][] weights, int columns, float scale) => throw new NotSupportedException("All of its values learn.");
}

/// <summary>What an optimizer remembers from step to step, where it lies: a checkpoint writes it out and reads it back in place.</summary>
internal interface IOptimizerState
{
    /// <summary>Running means.</summary>
    IReadOnlyList<float[]> Moments { get; }

    /// <summary>Counts of steps.</summary>
    int[] StepCounts { get; }
}

/// <summary>What a training gives.</summary>
/// <param name="Summary">How it went, and what the gate decided.</param>
/// <param name="Trained">What the weights are of; the first that was trained where nothing that was learned won.</param>
/// <param name="Weights">The weights to hand back where what was learned won; else empty.</param>
internal sealed record TrainingResult(TrainingSummary Summary, ITrained Trained, float[][] Weights);

using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>What a training learned, and what is made of it and of its start.</summary>
/// <param name="entrant">What was trained.</param>
/// <param name="weights">What it learned.</param>
internal sealed class LearnedWeights(Entrant entrant, float[][] weights)
{
    private readonly Lazy<double> _lengthOfStart = new(() => entrant.Scores.LengthsOf(entrant.Start)[^1]);

    // Of the share that was asked for last: shapes with the start behind differ in little else.
    private (double Share, float[][] Weights, double[] Lengths)? _blended;

    /// <summary>The weights of a shape.</summary>
    public float[][] As(CandidateShape shape)
    {
        if (shape.Columns is not { } columns)
        {
            return CandidateShape.Blended(entrant.Start, weights, shape.Share);
        }
        if (_blended?.Share != shape.Share)
        {
            float[][] blend = CandidateShape.Blended(entrant.Start, weights, shape.Share);
            _blended = (shape.Share, blend, entrant.Scores.LengthsOf(blend));
        }
        (_, float[][] blended, double[] lengths) = _blended.Value;
        double ofLearned = lengths[entrant.Trained.Task.Plan.Dimensions.TakeWhile(m => m < columns).Count()];
        float scale = ofLearned > 0 ? (float)(shape.Scale * _lengthOfStart.Value / ofLearned) : 1;
        return entrant.Trained.WithStartBehind(blended, columns, scale);
    }
}

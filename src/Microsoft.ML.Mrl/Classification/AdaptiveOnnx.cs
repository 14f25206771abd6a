using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Transforms;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Writes the nodes of an adaptive classifier. In a graph no row can end early: it classifies each row at every dimension that may be used,
/// and takes the first result that is sure.
/// </summary>
internal static class AdaptiveOnnx
{
    /// <summary>Writes the nodes.</summary>
    /// <param name="nodes">Where to.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="input">The vectors, <c>[N, D]</c>.</param>
    /// <param name="label">The class's key from 1, <c>[N, 1]</c>.</param>
    /// <param name="score">The scores, <c>[N, C]</c>.</param>
    /// <param name="used">The dimensions, <c>[N, 1]</c>.</param>
    public static void Write(OnnxNodes nodes, AdaptiveClassifier classifier, string input, string label, string score, string used)
    {
        NestedClassifiers classifiers = classifier.Classifiers;
        int last = classifier.Dimensions.Count - 1;
        string scores = Scores(nodes, classifiers, last, input);
        // A number for each row: nothing, and the longest dimension.
        string none = nodes.Add("Mul", [nodes.Cast(Winner(nodes, scores), OnnxNodes.Single), nodes.Scalar(0)]);
        string dimensions = nodes.Add("Add", [none, nodes.Scalar(classifier.Dimensions[last])]);
        for (int stage = last - 1; stage >= 0; stage--)
        {
            float threshold = classifier.Thresholds[stage];
            if (float.IsPositiveInfinity(threshold))
            {
                continue;
            }
            string own = Scores(nodes, classifiers, stage, input);
            string isUnsure = nodes.Add("Less", [Confidence(nodes, classifiers.Kind, own), nodes.Scalar(threshold)]);
            scores = nodes.Add("Where", [isUnsure, scores, own]);
            dimensions = nodes.Add("Where", [isUnsure, dimensions, nodes.Scalar(classifier.Dimensions[stage])]);
        }
        nodes.Cast(nodes.Add("Add", [Winner(nodes, scores), nodes.Numbers(1)]), OnnxNodes.UInt32, label);
        nodes.Cast(dimensions, OnnxNodes.Int32, used);
        if (classifiers.Kind == AdaptiveClassifierKind.NearestCentroid)
        {
            nodes.Add("Identity", [scores], score);
        }
        else
        {
            nodes.Along("Softmax", [scores], 1, score);
        }
    }

    private static string Scores(OnnxNodes nodes, NestedClassifiers classifiers, int stage, string input)
    {
        int width = classifiers.Dimensions[stage], classes = classifiers.Classes;
        var weights = new float[width * classes];
        for (int c = 0; c < classes; c++)
        {
            ReadOnlySpan<float> own = classifiers.Weights(stage, c);
            for (int i = 0; i < width; i++)
            {
                weights[(i * classes) + c] = own[i];
            }
        }
        string prefix = OnnxCut.Rescale(nodes, OnnxCut.Prefix(nodes, input, width));
        string products = nodes.Add("MatMul", [prefix, nodes.Values(weights, width, classes)]);
        return nodes.Add("Add", [products, nodes.Row(classifiers.Biases(stage).ToArray())]);
    }

    // The first of equal ones.
    private static string Winner(OnnxNodes nodes, string scores) => nodes.Along("ArgMax", [scores], 1);

    private static string Confidence(OnnxNodes nodes, AdaptiveClassifierKind kind, string scores)
    {
        if (kind != AdaptiveClassifierKind.NearestCentroid)
        {
            return nodes.Reduce("ReduceMax", nodes.Along("Softmax", [scores], 1));
        }
        string best = nodes.Along("TopK", [scores, nodes.Numbers(2)], 1);
        string margin = nodes.Add("Sub", [nodes.Columns(best, 0, 1), nodes.Columns(best, 1, 2)]);
        return nodes.Add("Min", [margin, nodes.Scalar(2)]);
    }
}

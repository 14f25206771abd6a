using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf.Collections;
using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Writes the metadata properties of an ONNX model that describe its head.</summary>
internal static class OnnxMetadata
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Adds the facts to a model's properties; one of the same name is replaced.</summary>
    public static void Write(RepeatedField<StringStringEntryProto> properties, EmbeddingHead head, int dimensions,
        EmbeddingNormalization normalization)
    {
        // Those of a head that was appended earlier would speak of the wrong one.
        for (int i = properties.Count - 1; i >= 0; i--)
        {
            if (properties[i].Key.StartsWith("mrl.", StringComparison.Ordinal))
            {
                properties.RemoveAt(i);
            }
        }
        void Add(string key, string value) => properties.Add(new StringStringEntryProto { Key = "mrl." + key, Value = value });
        Add("head_kind", head.Kind);
        Add("head_fingerprint", head.Fingerprint);
        Add("input_dimensions", Text(head.InputDimensions));
        Add("dimensions", Text(dimensions));
        Add("full_dimensions", Text(head.OutputDimensions));
        Add("trained_dimensions", string.Join(",", head.TrainedDimensions.Select(Text)));
        Add("normalization", normalization.ToString());
        if (head.Training is not { } training)
        {
            return;
        }
        Add("training.objective", training.Objective);
        Add("training.winner", TrainingSummaryFormat.NameOf(training.Winner));
        Add("training.verdict", training.Verdict);
        Add("training.seed", Text(training.Seed));
        Add("training.rows", Text(training.TrainingRows));
        Add("training.validation_rows", Text(training.ValidationRows));
        Add("training.epochs", Text(training.Epochs));
        Add("training.best_epoch", Text(training.BestEpoch));
        Add("training.cancelled", training.Cancelled ? "true" : "false");
        Add("training.score_name", training.ScoreName);
        Add("training.validation_scores", JsonSerializer.Serialize(
            training.ValidationScores.Select(s =>
                new { dimensions = s.Dimensions, raw = s.Raw, pca = s.Pca, learned = s.Learned, low = s.Low, high = s.High }), Json));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

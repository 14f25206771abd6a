using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>Fits an <see cref="AdaptiveClassifier"/> from the rows of a data view; see <see cref="MrlCatalog"/>.</summary>
internal sealed class AdaptiveMulticlassTrainer : ITrainerEstimator<AdaptivePredictionTransformer, AdaptiveClassifier>
{
    private readonly IHost _host;
    private readonly string _labelColumnName;
    private readonly string _featureColumnName;
    private readonly AdaptiveClassifierOptions _options;

    private static readonly TrainerInfo s_info = new(normalization: false, calibration: false, caching: false);

    public AdaptiveMulticlassTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName,
        AdaptiveClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        ArgumentNullException.ThrowIfNull(featureColumnName);
        options.Check(nameof(options));
        _host = environment.Register(nameof(AdaptiveMulticlassTrainer));
        _labelColumnName = labelColumnName;
        _featureColumnName = featureColumnName;
        _options = options;
    }

    /// <summary>Gets the requirements of the trainer: no normalization and no cache, since the rows are read once.</summary>
    public TrainerInfo Info => s_info;

    /// <summary>Reads the rows, fits classifiers on some of them, chooses thresholds on others, and calibrates on the rest.</summary>
    /// <param name="input">Data with the label and the feature column.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or a dimension is above D.</exception>
    /// <exception cref="ArgumentException">
    /// There is one class only, all vectors are equal, or too few rows are left for the calibration.
    /// </exception>
    /// <exception cref="InvalidOperationException">No row has a label, or a vector has a NaN or an infinity.</exception>
    public AdaptivePredictionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var features = new EmbeddingColumnReader(input.Schema, _featureColumnName, "feature", "inputSchema");
        var label = new NameColumnReader(input.Schema, _labelColumnName, "label", "inputSchema");
        MatryoshkaDimensions dimensions = EvaluatedDimensions.Choose(_options.Dimensions, features.Column, features.Width);
        var labels = new List<string>();
        using (DataViewRowCursor cursor = input.GetRowCursor([features.Column, label.Column]))
        {
            features.Open(cursor, input.GetRowCount());
            label.Open(cursor);
            while (cursor.MoveNext())
            {
                if (label.Read() is { } name)
                {
                    labels.Add(name);
                    features.Append();
                }
            }
        }
        if (labels.Count == 0)
        {
            throw new InvalidOperationException($"Nothing to fit: no row has a value in label column '{_labelColumnName}'. Check the " +
                "view and its filters.");
        }
        AdaptiveClassifier classifier = AdaptiveClassifier.FitRows(features.ToMatrix(), labels, (label.KeyNames() ?? []).OfType<string>(),
            dimensions, _options);
        using (IChannel channel = _host.Start("Calibration"))
        {
            channel.Info("{0}", classifier.Calibration!);
        }
        return new AdaptivePredictionTransformer(_host, classifier, _featureColumnName);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        EmbeddingSchema.FindEmbedding(_host, inputSchema, _featureColumnName, "feature");
        EmbeddingSchema.RequireColumn(_host, inputSchema, _labelColumnName, "label");
        var result = inputSchema.ToDictionary(c => c.Name);
        result[AdaptivePredictionTransformer.PredictedLabel] = new SchemaShape.Column(
            AdaptivePredictionTransformer.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
                Annotations(AnnotationUtils.Kinds.KeyValues));
        result[AdaptivePredictionTransformer.Score] = new SchemaShape.Column(
            AdaptivePredictionTransformer.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                Annotations(AnnotationUtils.Kinds.SlotNames));
        result[AdaptivePredictionTransformer.Dimensions] = new SchemaShape.Column(
            AdaptivePredictionTransformer.Dimensions, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, false);
        return new SchemaShape(result.Values);
    }

    private static SchemaShape Annotations(string names) => new(
    [
        new SchemaShape.Column(names, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false),
        new SchemaShape.Column(AnnotationUtils.Kinds.ScoreColumnSetId, SchemaShape.Column.VectorKind.Scalar,
            NumberDataViewType.UInt32, true),
        new SchemaShape.Column(AnnotationUtils.Kinds.ScoreColumnKind, SchemaShape.Column.VectorKind.Scalar,
            TextDataViewType.Instance, false),
        new SchemaShape.Column(AnnotationUtils.Kinds.ScoreValueKind, SchemaShape.Column.VectorKind.Scalar,
            TextDataViewType.Instance, false),
    ]);
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Fits an <see cref="AdaptiveClassifier"/>. Comes from <c>mlContext.Transforms.AdaptiveClassify(...)</c>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of <xref:System.Single>, and a label: key, text, integer or Boolean |
/// | Output column data type | `PredictedLabel`, a key; `Score`, a vector of <xref:System.Single> with the cosine or the probability of each class; `Dimensions`, an <xref:System.Int32> |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mrl |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class AdaptiveClassifyEstimator : IEstimator<AdaptiveClassifyTransformer>
{
    private readonly IHost _host;
    private readonly string _labelColumnName;
    private readonly string _embeddingColumnName;
    private readonly AdaptiveClassifierOptions _options;

    internal AdaptiveClassifyEstimator(IHostEnvironment environment, string labelColumnName, string embeddingColumnName, AdaptiveClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        options.Check(nameof(options));
        _host = environment.Register(nameof(AdaptiveClassifyEstimator));
        _labelColumnName = labelColumnName;
        _embeddingColumnName = embeddingColumnName;
        _options = options;
    }

    /// <summary>Reads the rows and fits: classifiers by some of them, thresholds by others, and the calibration by the rest.</summary>
    /// <param name="input">Data with the label and the embedding column.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or a dimension is above D.</exception>
    /// <exception cref="ArgumentException">There is one class only, all vectors are equal, or too few rows are left to calibrate by.</exception>
    /// <exception cref="InvalidOperationException">No row has a label, or a vector has a NaN or an infinity.</exception>
    public AdaptiveClassifyTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var embedding = new EmbeddingColumnReader(input.Schema, _embeddingColumnName, "embedding", "inputSchema");
        var label = new NameColumnReader(input.Schema, _labelColumnName, "label", "inputSchema");
        MatryoshkaDimensions dimensions = EvaluatedDimensions.Choose(_options.Dimensions, embedding.Column, embedding.Width);
        var labels = new List<string>();
        using (DataViewRowCursor cursor = input.GetRowCursor([embedding.Column, label.Column]))
        {
            embedding.Open(cursor, input.GetRowCount());
            label.Open(cursor);
            while (cursor.MoveNext())
            {
                if (label.Read() is { } name)
                {
                    labels.Add(name);
                    embedding.Append();
                }
            }
        }
        if (labels.Count == 0)
        {
            throw new InvalidOperationException($"Nothing to fit: no row has a value in label column '{_labelColumnName}'. Check the view and its filters.");
        }
        AdaptiveClassifier classifier = AdaptiveClassifier.FitRows(embedding.ToMatrix(), labels, (label.KeyNames() ?? []).OfType<string>(), dimensions, _options);
        using (IChannel channel = _host.Start("Calibration"))
        {
            channel.Info("{0}", classifier.Calibration!);
        }
        return new AdaptiveClassifyTransformer(_host, classifier, _embeddingColumnName);
    }

    /// <summary>The columns that will be there after this step.</summary>
    /// <param name="inputSchema">The columns that are there before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        EmbeddingSchema.FindEmbedding(_host, inputSchema, _embeddingColumnName);
        if (!inputSchema.TryFindColumn(_labelColumnName, out _))
        {
            throw SchemaErrors.Missing("inputSchema", "label", _labelColumnName);
        }
        var result = inputSchema.ToDictionary(c => c.Name);
        var keyValues = new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]);
        result[AdaptiveClassifyTransformer.PredictedLabel] =
            new SchemaShape.Column(AdaptiveClassifyTransformer.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, keyValues);
        result[AdaptiveClassifyTransformer.Score] =
            new SchemaShape.Column(AdaptiveClassifyTransformer.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]));
        result[AdaptiveClassifyTransformer.Dimensions] =
            new SchemaShape.Column(AdaptiveClassifyTransformer.Dimensions, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, false);
        return new SchemaShape(result.Values);
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Represents the data of a training as data views with features.</summary>
internal sealed class TrainingViews
{
    private readonly MLContext _mlContext;
    private readonly TaskColumns _columns;
    private readonly int _vectorWidth;

    private TrainingViews(MLContext mlContext, TrainingData data, TextEncoder? encoder)
    {
        _mlContext = mlContext;
        _columns = data.Columns;
        _vectorWidth = encoder?.Dimensions ?? data.Source.Width;
        IDataView inputs = ExampleView.Of(mlContext, AllInputs(data.Training), _vectorWidth, _columns.Input, _columns.Features);
        Featurizer = encoder is not null ? mlContext.Transforms.EncodeText(_columns.Features, _columns.Input, encoder).Fit(inputs)
            : _columns.IsText ? mlContext.Transforms.Text.FeaturizeText(_columns.Features, TextFeatures(), _columns.Input).Fit(inputs)
            : null;
        Training = View(data.Training);
        AllFeatures = _columns.Positive is null ? Training
            : _columns.IsText && encoder is null ? mlContext.Data.Cache(Featurizer!.Transform(inputs), _columns.Features)
            : inputs;
        Validation = data.Validation is { } validation ? View(validation.Rows) : null;
        Test = data.Test.Count == 0 ? null : View(data.Test);
        Width = Training.Schema[_columns.Features].Type is VectorDataViewType vector ? vector.Size : 0;
    }

    /// <summary>
    /// Makes the views. Where the input is text, an encoder makes the vectors, once for each text, or the text features are fitted on all
    /// texts to train on, of both sides of pairs.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="data">The rows.</param>
    /// <param name="encoder">The encoder that makes the vectors of text, or <see langword="null"/> for counts of words and letters.</param>
    /// <param name="progress">Receives how many texts are embedded.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static TrainingViews Make(
        MLContext mlContext, TrainingData data, TextEncoder? encoder, IJobProgress progress, CancellationToken cancellation)
    {
        if (encoder is not null)
        {
            SetVectors(data, EncodedTexts.Of(encoder, data.AllTexts, progress, cancellation));
        }
        return Stoppable.Run(() => new TrainingViews(mlContext, data, encoder), cancellation);
    }

    /// <summary>Gets the transformer that makes vectors of text, or <see langword="null"/> where the rows have vectors.</summary>
    public ITransformer? Featurizer { get; }

    /// <summary>Gets the features of all inputs to train on, of both sides of pairs.</summary>
    public IDataView AllFeatures { get; }

    public IDataView Training { get; }

    public IDataView? Validation { get; }

    public IDataView? Test { get; }

    /// <summary>Gets the number of values of the features.</summary>
    public int Width { get; }

    private List<ExampleRow> AllInputs(IReadOnlyList<ExampleRow> rows)
    {
        List<ExampleRow> all = [.. rows];
        if (_columns.Positive is not null)
        {
            all.AddRange(rows.Select(row => new ExampleRow { Text = row.PositiveText, Vector = row.PositiveVector }));
        }
        if (_columns.Negative is not null)
        {
            all.AddRange(rows.Select(row => new ExampleRow { Text = row.NegativeText, Vector = row.NegativeVector }));
        }
        return all;
    }

    private static void SetVectors(TrainingData data, IReadOnlyDictionary<string, float[]> vectors)
    {
        foreach (ExampleRow row in (ExampleRow[])[.. data.Training, .. data.Validation?.Rows ?? [], .. data.Test])
        {
            row.Vector = vectors[row.Text];
            row.PositiveVector = data.Columns.Positive is null ? [] : vectors[row.PositiveText];
            row.NegativeVector = data.Columns.Negative is null ? [] : vectors[row.NegativeText];
        }
    }

    private IDataView View(IReadOnlyList<ExampleRow> rows)
    {
        if (Featurizer is null || _columns.IsEncoded)
        {
            IEnumerable<string> columns = _columns.IsEncoded ? _columns.OfRows.Concat(_columns.OfFeatures) : _columns.OfRows;
            return ExampleView.Of(_mlContext, [.. rows], _vectorWidth, columns);
        }
        IDataView view = ExampleView.Of(_mlContext, [.. rows], _vectorWidth, _columns.OfRows);
        var others = new List<(string, string)>();
        if (_columns.Positive is { } positive)
        {
            others.Add((positive, _columns.PositiveFeatures!));
        }
        if (_columns.Negative is { } negative)
        {
            others.Add((negative, _columns.NegativeFeatures!));
        }
        return _mlContext.Data.Cache(
            SharedModel.Apply(_mlContext, Featurizer, view, _columns.Input, _columns.Features, others), [.. _columns.OfTraining]);
    }

    // As ML.NET's defaults, words and runs of three letters, but weighted by how rare they are, which is better for every system in the
    // table.
    private static TextFeaturizingEstimator.Options TextFeatures() => new()
    {
        WordFeatureExtractor = new WordBagEstimator.Options { Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
        CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = false,
            Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
    };
}

using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>The data of a training as data views with features.</summary>
internal sealed class TrainingViews
{
    private readonly MLContext _mlContext;
    private readonly TaskColumns _columns;
    private readonly int _vectorWidth;
    private readonly bool _isEncoded;

    /// <summary>
    /// Makes the views. Where the input is text, the text features are fitted on all texts to train on, of both sides of pairs.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="data">The rows.</param>
    /// <param name="encoder">The encoder that makes the features of text; <see langword="null"/> for counts of words and letters.</param>
    public TrainingViews(MLContext mlContext, TrainingData data, TextEncoder? encoder)
    {
        _mlContext = mlContext;
        _columns = data.Columns;
        _vectorWidth = data.Source.Width;
        IDataView inputs = ExampleView.Of(mlContext, AllInputs(data.Training), _vectorWidth, _columns.Input);
        _isEncoded = encoder is not null;
        Featurizer = encoder is not null ? mlContext.Transforms.EncodeText(_columns.Features, _columns.Input, encoder).Fit(inputs)
            : _columns.IsText ? mlContext.Transforms.Text.FeaturizeText(_columns.Features, TextFeatures(), _columns.Input).Fit(inputs)
            : null;
        Training = View(data.Training);
        AllFeatures = _columns.Positive is null ? Training : mlContext.Data.Cache(
            Featurizer?.Transform(inputs) ?? inputs, _columns.Features);
        Validation = data.Validation is { } validation ? View(validation.Rows) : null;
        Test = data.Test.Count == 0 ? null : View(data.Test);
        Width = Training.Schema[_columns.Features].Type is VectorDataViewType vector ? vector.Size : 0;
    }

    /// <summary>Gets the transformer that makes features of text, or <see langword="null"/> for vectors.</summary>
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

    private IDataView View(IReadOnlyList<ExampleRow> rows)
    {
        IDataView view = ExampleView.Of(_mlContext, [.. rows], _vectorWidth, _columns.OfRows);
        if (Featurizer is null)
        {
            return view;
        }
        var others = new List<(string, string)>();
        if (_columns.Positive is { } positive)
        {
            others.Add((positive, _columns.PositiveFeatures!));
        }
        if (_columns.Negative is { } negative)
        {
            others.Add((negative, _columns.NegativeFeatures!));
        }
        // An encoder is trained on the texts. Its features serve only the measurement, and are made then.
        string[] atOnce = _isEncoded ? [] : [.. _columns.OfTraining];
        return _mlContext.Data.Cache(SharedModel.Apply(_mlContext, Featurizer, view, _columns.Input, _columns.Features, others), atOnce);
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

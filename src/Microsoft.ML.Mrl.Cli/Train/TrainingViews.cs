using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>The data of a training as views, with features.</summary>
internal sealed class TrainingViews
{
    private readonly MLContext _mlContext;
    private readonly TaskColumns _columns;
    private readonly int _vectorWidth;

    /// <summary>Fits the text features, where the input is text, on all texts to train on, of both sides.</summary>
    public TrainingViews(MLContext mlContext, TrainingData data)
    {
        _mlContext = mlContext;
        _columns = data.Columns;
        _vectorWidth = data.Source.Width;
        IDataView inputs = ExampleView.Of(mlContext, AllInputs(data.Training), _vectorWidth, _columns.Input);
        Featurizer = _columns.IsText ? mlContext.Transforms.Text.FeaturizeText(_columns.Features, TextFeatures(), _columns.Input).Fit(inputs) : null;
        AllFeatures = mlContext.Data.Cache(Featurizer?.Transform(inputs) ?? inputs, _columns.Features);
        Training = View(data.Training);
        Validation = data.Validation is { } validation ? View(validation.Rows) : null;
        Test = data.Test.Count == 0 ? null : View(data.Test);
        Width = Training.Schema[_columns.Features].Type is VectorDataViewType vector ? vector.Size : 0;
    }

    /// <summary>Makes features of text; <see langword="null"/> where vectors are learned from.</summary>
    public ITransformer? Featurizer { get; }

    /// <summary>The features of every input to train on, of both sides.</summary>
    public IDataView AllFeatures { get; }

    public IDataView Training { get; }

    public IDataView? Validation { get; }

    public IDataView? Test { get; }

    /// <summary>The width of the features.</summary>
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
        return _mlContext.Data.Cache(SharedModel.Apply(_mlContext, Featurizer, view, _columns.Input, _columns.Features, others), [.. _columns.OfTraining]);
    }

    // ML.NET's defaults, single words and runs of three letters, but weighted by how rare they are: better for every system in the table.
    private static TextFeaturizingEstimator.Options TextFeatures() => new()
    {
        WordFeatureExtractor = new WordBagEstimator.Options { Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
        CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = false, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
    };
}

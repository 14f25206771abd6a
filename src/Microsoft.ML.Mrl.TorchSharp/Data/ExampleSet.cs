namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>All examples of a training: for each role its vectors, and the labels or scores.</summary>
internal sealed class ExampleSet : IDisposable
{
    private int? _count;

    /// <summary>The vectors by role; the input's are first.</summary>
    public required IReadOnlyDictionary<VectorRole, VectorRows> Vectors { get; init; }

    /// <summary>The class of each row, 0..C−1, where there are labels.</summary>
    public int[]? Labels { get; init; }

    /// <summary>The number of classes C; 0 without labels.</summary>
    public int Classes { get; init; }

    /// <summary>Whether the labels are classes to be learned.</summary>
    public bool LearnsLabels { get; init; } = true;

    /// <summary>The score of each row, where there are scores.</summary>
    public float[]? Scores { get; init; }

    /// <summary>Rows that were left out since they had no label or score.</summary>
    public int Skipped { get; init; }

    /// <summary>Where the rows begin that are held back whatever the split says; <see langword="null"/> where there are none.</summary>
    public int? ValidationStart { get; init; }

    /// <summary>The number of negative columns K.</summary>
    public int NegativeColumns => Vectors.Keys.Count(role => role.Kind == VectorRole.Kinds.Negative);

    public VectorRows Anchors => Vectors[VectorRole.Anchor];

    public int Count => _count ?? Anchors.Count;

    /// <summary>The rows before <see cref="ValidationStart"/>, with the classes that they have; not to be disposed on its own.</summary>
    public ExampleSet TrainingPart()
    {
        if (ValidationStart is not { } start)
        {
            return this;
        }
        int[]? labels = Labels?[..start];
        return new ExampleSet
        {
            Vectors = Vectors,
            Labels = labels,
            Classes = labels?.Distinct().Count() ?? 0,
            LearnsLabels = LearnsLabels,
            Scores = Scores?[..start],
            _count = start,
        };
    }

    /// <summary>The same rows with other vectors in some roles; does not own them.</summary>
    public ExampleSet With(IReadOnlyDictionary<VectorRole, VectorRows> vectors) => new()
    {
        Vectors = Vectors.ToDictionary(v => v.Key, v => vectors.GetValueOrDefault(v.Key) ?? v.Value),
        Labels = Labels,
        Classes = Classes,
        LearnsLabels = LearnsLabels,
        Scores = Scores,
        ValidationStart = ValidationStart,
    };

    /// <summary>Some of the rows, where they lie; not to be disposed on its own.</summary>
    /// <param name="rows">Their numbers, ascending. They are vectors in all roles, and have all classes below their highest.</param>
    public ExampleSet Choose(int[] rows)
    {
        int[]? labels = Labels is null ? null : Array.ConvertAll(rows, row => Labels[row]);
        return new ExampleSet
        {
            Vectors = Vectors.ToDictionary(v => v.Key, v => v.Value is SparseRows sparse ? sparse.Choose(rows)
                : (VectorRows)((DenseRows)v.Value).Choose(rows)),
            Labels = labels,
            Classes = labels is null ? 0 : labels.Max() + 1,
            LearnsLabels = LearnsLabels,
            Scores = Scores is null ? null : Array.ConvertAll(rows, row => Scores[row]),
        };
    }

    public void Dispose()
    {
        foreach (VectorRows rows in Vectors.Values)
        {
            rows.Dispose();
        }
    }
}

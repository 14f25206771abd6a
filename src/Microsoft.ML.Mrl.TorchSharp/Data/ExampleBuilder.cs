using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gathers examples, from one view or from several with the same columns.</summary>
internal sealed class ExampleBuilder : IDisposable
{
    private const int RowsBetweenChecks = 1024;

    private readonly RoleColumns _roles;
    private readonly CancellationToken _cancellation;
    private readonly (VectorRole Role, ColumnRows Rows)[] _vectors;
    private readonly Dictionary<string, int> _classes = new(StringComparer.Ordinal);
    private readonly GrowingArray<int> _labels = new();
    private readonly GrowingArray<float> _scores = new();
    private int _skipped;
    private bool _built;

    /// <param name="columns">The columns of the first view.</param>
    /// <param name="roles">What they are for.</param>
    /// <param name="storage">Where vectors lie.</param>
    /// <param name="rows">How many rows are going to come, if that is known.</param>
    /// <param name="texts">Keeps the texts of embedded columns; null where those are vectors.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public ExampleBuilder(
        ExampleColumns columns, RoleColumns roles, RowStorage storage, long? rows, ITextColumns? texts, CancellationToken cancellation)
    {
        _roles = roles;
        _cancellation = cancellation;
        _vectors = [.. columns.Vectors.Select(v => (v.Role, RowsOf(v.Role, v.Column.Name, v.Width)))];

        ColumnRows RowsOf(VectorRole role, string name, int width) => texts is not null && role.IsEmbedded
            ? texts.NewColumn()
            : new VectorColumnRows(new VectorRowsBuilder(name, width, storage, () => Announce(role, width)));

        void Announce(VectorRole role, int width)
        {
            if (rows is { } count)
            {
                int coordinates = role.IsEmbedded ? Math.Min(width, TrainingSpace.MaxCoordinates) : 0;
                storage.Announce(count * width * sizeof(float), count * coordinates * sizeof(float));
            }
        }
    }

    /// <summary>How many rows were taken.</summary>
    public int Count { get; private set; }

    /// <summary>Reads all rows of a view.</summary>
    public void Add(IDataView data, ExampleColumns columns)
    {
        long rowNumber = -1;
        using DataViewRowCursor cursor = data.GetRowCursor(columns.All);
        columns.Label?.Open(cursor);
        columns.Score?.Open(cursor);
        for (int i = 0; i < _vectors.Length; i++)
        {
            _vectors[i].Rows.Open(cursor, columns.Vectors[i].Column);
        }
        while (cursor.MoveNext())
        {
            rowNumber++;
            if (rowNumber % RowsBetweenChecks == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }
            string? name = columns.Label?.Read();
            float value = columns.Score?.Read() ?? 0;
            if ((columns.Label is not null && name is null) || float.IsNaN(value))
            {
                _skipped++;
                continue;
            }
            if (float.IsInfinity(value))
            {
                throw new InvalidOperationException(
                    $"Column '{_roles.Score}' has the value {value} at row {rowNumber}{columns.Place} (counted from 0). "
                    + "Scores are finite numbers.");
            }
            foreach ((_, ColumnRows vectors) in _vectors)
            {
                vectors.Add(rowNumber, columns.Place);
            }
            if (name is not null)
            {
                _labels.Add(ClassOf(name));
            }
            if (columns.Score is not null)
            {
                _scores.Add(value);
            }
            Count++;
        }
    }

    /// <summary>Makes the examples, which own the vectors from then on.</summary>
    /// <param name="validationStart">See <see cref="ExampleSet.ValidationStart"/>.</param>
    public ExampleSet Build(int? validationStart)
    {
        var examples = new ExampleSet
        {
            Vectors = _vectors.ToDictionary(v => v.Role, v => v.Rows.Build()),
            Labels = _roles.Label is null ? null : _labels.ToArray(),
            Classes = _classes.Count,
            LearnsLabels = _roles.LearnsLabels,
            Scores = _roles.Score is null ? null : _scores.ToArray(),
            Skipped = _skipped,
            ValidationStart = validationStart,
        };
        _built = true;
        return examples;
    }

    /// <summary>Gives up what was read and not built.</summary>
    public void Dispose()
    {
        if (!_built)
        {
            foreach ((_, ColumnRows rows) in _vectors)
            {
                rows.Dispose();
            }
        }
    }

    private int ClassOf(string name)
    {
        if (!_classes.TryGetValue(name, out int number))
        {
            number = _classes.Count;
            _classes.Add(name, number);
        }
        return number;
    }
}

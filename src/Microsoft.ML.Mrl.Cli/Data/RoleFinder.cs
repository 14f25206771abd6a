using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Finds the roles of the columns of a file: those that the user named, and the others by names and contents.</summary>
internal sealed class RoleFinder
{
    /// <summary>The minimum number of number columns that are treated as a vector if neither the vector nor a label was named.</summary>
    public const int MinNumbers = 8;

    private static readonly string[] s_textNames =
        ["text", "utterance", "sentence", "query", "question", "message", "review", "comment", "content", "title", "anchor", "sentence1",
            "text1"];

    private static readonly string[] s_vectorNames = ["vector", "embedding", "embeddings", "features"];
    private static readonly string[] s_labelNames = ["label", "category", "intent", "class", "target", "topic", "sentiment"];
    private static readonly string[] s_positiveNames = ["positive", "sentence2", "text2", "document", "passage", "answer"];
    private static readonly string[] s_negativeNames = ["negative"];
    private static readonly string[] s_scoreNames = ["score", "similarity"];

    /// <summary>
    /// The names of columns that identify a row and do not describe it. They are part of a vector only if they are named.
    /// </summary>
    private static readonly string[] s_rowNames = ["id", "_id", "row", "rowid", "row_id", "index", "idx", "key", "uid", "unnamed: 0"];

    private readonly TableSample _sample;
    private readonly RoleNames _asked;
    private readonly ColumnFinder _finder;
    private readonly HashSet<int> _taken = [];
    private readonly List<string> _guesses = [];
    private bool _hasTarget;

    private RoleFinder(TableSample sample, RoleNames asked)
    {
        _sample = sample;
        _asked = asked;
        _finder = new ColumnFinder(sample);
        if (asked.Ignored is not null)
        {
            _taken.UnionWith(_finder.FindAll("--ignore-cols", asked.Ignored));
        }
        _taken.UnionWith(Enumerable.Range(0, sample.Columns.Count).Where(column => asked.IgnoredNames?.Contains(NameOf(column)) == true));
    }

    /// <summary>Finds all roles.</summary>
    /// <param name="sample">The file.</param>
    /// <param name="asked">The columns that were named.</param>
    /// <param name="wantsText">Whether the model takes text, or <see langword="null"/> if there is no model yet.</param>
    /// <exception cref="CommandException">A column is missing, has two roles, or cannot be guessed, or the roles make no task.</exception>
    public static ColumnRoles Find(TableSample sample, RoleNames asked, bool? wantsText = null)
    {
        CheckOptions(asked);
        return new RoleFinder(sample, asked).Find(wantsText);
    }

    /// <summary>Finds only the input, for a model whose kind of input is known.</summary>
    /// <param name="sample">The file.</param>
    /// <param name="asked">The columns that were named.</param>
    /// <param name="wantsText">Whether the model takes text.</param>
    /// <exception cref="CommandException">The column is missing or cannot be guessed.</exception>
    public static Field FindInput(TableSample sample, RoleNames asked, bool wantsText)
    {
        if (asked.Text is not null && asked.Vector is not null)
        {
            CheckOptions(asked);
        }
        return new RoleFinder(sample, asked).Input(wantsText);
    }

    private static void CheckOptions(RoleNames asked)
    {
        string? problem = (asked.Text, asked.Vector, asked.Positive, asked.Negative, asked.Score, asked.Label) switch
        {
            (not null, not null, _, _, _, _) =>
                "--text-col and --vector-col cannot both name the input. Name one: text is turned into features, "
                + "and vectors are taken as they are.",
            (_, _, not null, _, _, not null) =>
                "--label-col and --positive-col are two tasks. Name the label to learn classes, or the positive to learn pairs.",
            (_, _, null, not null, _, _) =>
                "--negative-col needs --positive-col: training brings the input nearer to the positive than to the negative. Name both.",
            (_, _, null, _, not null, _) =>
                "--score-col needs --positive-col: the score says how similar the input and the positive are. Name both.",
            (_, _, _, not null, not null, _) =>
                "--score-col and --negative-col cannot be used together: scored pairs have no negative. Leave one out.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new CommandException(problem, ExitCode.Usage);
        }
    }

    private ColumnRoles Find(bool? wantsText)
    {
        // Columns that were named are taken first, so that no guess lands on them.
        int? label = Named("--label-col", _asked.Label);
        int? score = Named("--score-col", _asked.Score);
        Field? positive = NamedField("--positive-col", _asked.Positive);
        Field? negative = NamedField("--negative-col", _asked.Negative);
        Field? input = _asked.Text is not null || _asked.Vector is not null ? Input(_asked.Text is not null) : null;
        bool isGuessed = _asked is { Label: null, Positive: null };
        if (isGuessed)
        {
            label = Guess("label", s_labelNames);
        }
        if (isGuessed && label is null && GuessField("positive", s_positiveNames) is { } found)
        {
            positive = found;
        }
        if (positive is not null && _asked is { Score: null, Negative: null })
        {
            score = Guess("score", s_scoreNames);
            negative = score is null ? GuessField("negative", s_negativeNames) : null;
        }
        _hasTarget = label is not null || positive is not null;
        input ??= Input(wantsText ?? positive?.IsText);
        if (new[] { positive, negative }.FirstOrDefault(field => field is not null && field.IsText != input.IsText) is { } other)
        {
            throw new CommandException(
                $"The input {input.Shown} of '{_sample.Name}' is {Kind(input)}, but {other.Shown} is {Kind(other)}. "
                + $"Both sides of a pair are text, or both are vectors.");
        }
        int? target = label ?? score;
        return new ColumnRoles
        {
            Task = label is not null ? TaskKind.Classification
                : positive is null ? TaskKind.Unsupervised
                : score is not null ? TaskKind.ScoredPairs
                : TaskKind.Pairs,
            Input = input,
            Positive = positive,
            Negative = negative,
            Label = label,
            Score = score,
            TargetName = target is { } column ? _sample.Columns[column] : null,
            Guesses = _guesses.Count == 0 ? null : string.Join(", ", _guesses),
            Unused = [.. Described().Except(input.Columns).Where(column => !LooksLikeVector(column)).Select(NameOf)],
        };
    }

    private static string Kind(Field field) => field.IsText ? "text" : "a vector";

    private int? Named(string option, string? asked) => asked is null ? null : Taken(option, _finder.Find(option, asked));

    private int Taken(string option, int column)
    {
        if (_sample.IsVector(column))
        {
            throw new CommandException(
                $"Cannot use {option} {_sample.Columns[column]}: the column of '{_sample.Name}' holds vectors. "
                + $"Name a column of single values.");
        }
        Take([column]);
        return column;
    }

    private void Take(int[] columns)
    {
        foreach (int column in columns)
        {
            if (!_taken.Add(column))
            {
                throw new CommandException(
                    $"Cannot use column '{_sample.Columns[column]}' of '{_sample.Name}' twice, for two roles. "
                    + $"Name another of: {RowReader.Shown(_sample.Columns)}.");
            }
        }
    }

    private Field? NamedField(string option, string? asked)
    {
        if (asked is null)
        {
            return null;
        }
        int[] columns = _finder.FindAll(option, asked);
        // The input decides whether the other side is text. Where the input was not named, the contents decide.
        bool isText = _asked.Text is not null || (_asked.Vector is null && columns.Length == 1 && !LooksLikeVector(columns[0]));
        Take(columns);
        return isText ? TextField(option, columns) : VectorField(option, columns);
    }

    private bool LooksLikeVector(int column) => _sample.IsVector(column) || _sample.IsArray(column);

    private Field TextField(string option, int[] columns)
    {
        if (columns.Length > 1)
        {
            throw new CommandException(
                $"Cannot use {columns.Length} columns for {option}: a text is one column. "
                + $"Name one of: {RowReader.Shown(_sample.Columns)}.");
        }
        return _sample.IsVector(columns[0])
            ? throw new CommandException(
                $"Cannot use {option} {_sample.Columns[columns[0]]}: the column of '{_sample.Name}' holds vectors. "
                + $"Name it with --vector-col.")
            : Made(FieldKind.Text, columns);
    }

    private Field VectorField(string option, int[] columns)
    {
        if (columns is [int one] && !_sample.IsNumber(one))
        {
            return Made(_sample.IsVector(one) ? FieldKind.Vector : FieldKind.Array, columns);
        }
        return columns.FirstOrDefault(_sample.IsVector, -1) is >= 0 and int vector
            ? throw new CommandException(
                $"Cannot use column '{_sample.Columns[vector]}' of '{_sample.Name}' as one number of {option}: it holds vectors. "
                + $"Name it alone.")
            : Made(FieldKind.Numbers, columns);
    }

    private Field Made(FieldKind kind, int[] columns) => new(kind, columns, [.. columns.Select(column => _sample.Columns[column])]);

    private int? Guess(string role, string[] names)
    {
        if (_finder.Guess(names, column => !_taken.Contains(column) && !_sample.IsVector(column)) is not { } column)
        {
            return null;
        }
        _taken.Add(column);
        _guesses.Add($"{role} is '{_sample.Columns[column]}'");
        return column;
    }

    private Field? GuessField(string role, string[] names)
    {
        if (_finder.Guess(names, column => !_taken.Contains(column)) is not { } column)
        {
            return null;
        }
        _taken.Add(column);
        _guesses.Add($"{role} is '{_sample.Columns[column]}'");
        return Made(_sample.IsVector(column) ? FieldKind.Vector : _sample.IsArray(column) ? FieldKind.Array : FieldKind.Text, [column]);
    }

    private Field Input(bool? wantsText)
    {
        if (_asked.Text is { } text)
        {
            int[] columns = [_finder.Find("--text-col", text)];
            Take(columns);
            return TextField("--text-col", columns);
        }
        if (_asked.Vector is { } vector)
        {
            int[] columns = _finder.FindAll("--vector-col", vector);
            Take(columns);
            return VectorField("--vector-col", columns);
        }
        Field guessed = GuessInput(wantsText) ?? throw UnknownInput.Error(_sample, Free(), wantsText);
        _guesses.Insert(0, $"{(guessed.IsText ? "text" : "vector")} is {guessed.Shown}");
        return guessed;
    }

    private Field? GuessInput(bool? wantsText)
    {
        if (wantsText != true)
        {
            int[] vectors = [.. Free().Where(LooksLikeVector)];
            int? chosen = vectors is [int only] ? only : _finder.Guess(
                s_vectorNames, column => !_taken.Contains(column) && LooksLikeVector(column));
            if (chosen is { } column)
            {
                return VectorField("--vector-col", [column]);
            }
        }
        if (wantsText != false && _finder.Guess(s_textNames, column => !_taken.Contains(column) && !LooksLikeVector(column)) is { } text)
        {
            return Made(FieldKind.Text, [text]);
        }
        int[] left = [.. Described()];
        int[] numbers = wantsText == true ? [] : [.. left.Where(_sample.IsNumber)];
        // Where a label or a positive is known and nothing but numbers is left, they are the input, however few.
        bool isAllThatIsLeft = (_hasTarget || wantsText == false) && numbers.Length > 0 && numbers.Length == left.Length;
        return numbers.Length >= MinNumbers || isAllThatIsLeft ? Made(FieldKind.Numbers, numbers)
            : left is [var last] && (wantsText ?? _hasTarget) && !LooksLikeVector(last) ? Made(FieldKind.Text, [last])
            : null;
    }

    private IEnumerable<int> Free() => Enumerable.Range(0, _sample.Columns.Count).Where(column => !_taken.Contains(column));

    // What neither has a role nor only numbers the rows.
    private IEnumerable<int> Described() => Free().Where(column => !s_rowNames.Contains(NameOf(column), StringComparer.OrdinalIgnoreCase));

    private string NameOf(int column) => _sample.Columns[column];
}

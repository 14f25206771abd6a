using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Represents the checked rows of a training.</summary>
/// <param name="Source">The data set that the rows come from.</param>
/// <param name="Training">The rows to train on.</param>
/// <param name="Validation">The rows to choose the best epoch by, or <see langword="null"/> for a part of the training rows.</param>
/// <param name="TestName">The file of the test rows, or <see langword="null"/> where they are a part of the data set.</param>
/// <param name="Test">The rows to test with, which are empty where the task has no test.</param>
/// <param name="Notes">Lines that tell the user how the data was read.</param>
internal sealed record TrainingData(
    SourceTable Source,
    IReadOnlyList<ExampleRow> Training,
    SourceTable? Validation,
    string? TestName,
    IReadOnlyList<ExampleRow> Test,
    IReadOnlyList<string> Notes)
{
    /// <summary>The share of the data set that is held out to test with.</summary>
    public const double TestShare = 0.2;

    private const int MinTrainingRows = 10;

    /// <summary>Gets the task.</summary>
    public TaskKind Task => Source.Roles.Task;

    /// <summary>Gets the columns of the data views.</summary>
    public TaskColumns Columns => TaskColumns.Of(Source.Roles, IsEncoded);

    /// <summary>Gets a value indicating whether an encoder makes vectors of the texts.</summary>
    public bool IsEncoded { get; init; }

    /// <summary>Gets the texts to train on, of all sides of pairs.</summary>
    public IEnumerable<string> Texts => TextsOf(Training);

    /// <summary>Gets all texts: to train on, to choose by and to test with.</summary>
    public IEnumerable<string> AllTexts => TextsOf([.. Training, .. Validation?.Rows ?? [], .. Test]);

    /// <summary>Reads, checks and splits the data.</summary>
    /// <exception cref="CommandException">A file cannot be used, or has too few rows.</exception>
    public static TrainingData Load(TrainRequest request)
    {
        RowReader.CheckFormat(
            request.Format, request.Dataset, request.ValidationFormat is null ? request.ValidationDataset : null,
            request.TestFormat is null ? request.TestDataset : null);
        RowReader.CheckFormat(request.ValidationFormat ?? new TextFormat(), request.ValidationDataset);
        RowReader.CheckFormat(request.TestFormat ?? new TextFormat(), request.TestDataset);
        SourceTable source = request.Dataset is { } path
            ? SourceTable.Read(() => RowReader.OpenFile(path, request.Format), request.Columns)
            : SourceTable.Read(ShippedData.Open, ShippedData.Named(request.Columns));
        var notes = new List<string>();
        Note(notes, source);
        CheckTask(request, source);
        CheckInput(request, source);
        CheckLabels(source);
        if (source.Roles.Task == TaskKind.Unsupervised)
        {
            notes.Add(WithoutTarget(source.Roles));
            if (request.TestDataset is not null)
            {
                throw new CommandException(
                    $"Cannot test with '{request.TestDataset}': without a label or a positive there is nothing to test. "
                    + "Name one with --label-col or --positive-col, or leave --test-dataset out.",
                    ExitCode.Usage);
            }
        }
        SourceTable? validation = Other(request.ValidationDataset, request.ValidationFormat);
        if (Other(request.TestDataset, request.TestFormat) is not { } other)
        {
            (IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test) = source.Roles.Task switch
            {
                TaskKind.Unsupervised => (source.Rows, []),
                TaskKind.Classification => StratifiedSplit.Split(source.Rows, TestShare, request.Seed),
                _ => GroupedSplit.Split(source.Rows, TestShare, request.Seed),
            };
            ThrowIfTooFew(source, training, test);
            return new(source, training, validation, null, test, notes);
        }
        ThrowIfTooFew(source, source.Rows, other.Rows);
        NoteUnknownLabels(notes, source, other);
        return new(source, source.Rows, validation, other.Name, other.Rows, notes);

        SourceTable? Other(string? otherPath, TextFormat? format)
        {
            if (otherPath is null)
            {
                return null;
            }
            SourceTable table = SourceTable.Read(
                () => RowReader.OpenFile(otherPath, format ?? request.Format), source.Roles.Names, source.Roles.Input.IsText);
            Note(notes, table);
            return table.Width == source.Width
                ? table
                : throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Cannot use '{otherPath}' with '{source.Name}': its vectors have {table.Width} values, "
                    + $"and those of '{source.Name}' have ")
                    + $"{source.Width}. Give files of the same kind.");
        }
    }

    private static void Note(List<string> notes, SourceTable table)
    {
        if (table.Roles.Guesses is { } guesses)
        {
            notes.Add(
                $"Guessed from '{table.Name}': {guesses}. "
                + "Name others with --text-col, --vector-col, --label-col, --positive-col, --negative-col, --score-col.");
        }
        if (table.Skipped > 0)
        {
            int all = table.Rows.Count + table.Skipped;
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Left out of '{table.Name}': {table.Skipped:#,0} of {all:#,0} rows, in which one of the columns is empty."));
        }
    }

    private static string WithoutTarget(ColumnRoles roles)
    {
        string alone = $"the training learns from the {(roles.Input.IsText ? "texts" : "vectors")} alone.";
        return roles.Unused.Count == 0
            ? $"There is no label or positive column, so {alone}"
            : $"No column is named like a label or a positive, so {alone} Not used: {RowReader.Shown(roles.Unused)}. "
                + "To learn from one of these, name it with --label-col or --positive-col.";
    }

    private static void CheckTask(TrainRequest request, SourceTable source)
    {
        if (request.Task is { } task && task != source.Roles.Task)
        {
            throw new CommandException(
                $"Cannot train as the .mbconfig says: its TrainingOption.Task is {task}, but the columns of '{source.Name}' make it "
                + $"{source.Roles.Task} ({TaskText.Name(source.Roles.Task)}). Change the ColumnPurpose of its columns, or remove Task.");
        }
    }

    private static void CheckInput(TrainRequest request, SourceTable source)
    {
        string? option = source.Roles.Input.IsText ? null
            : request.Encoder is { } encoder ? $"--encoder {encoder.Name}"
            : request.TextFeatures ? "--text-features"
            : request.Tunes == TunedPart.Encoder ? "--tune encoder"
            : null;
        if (option is not null)
        {
            throw new CommandException(
                $"Cannot use {option} with '{source.Name}': the input is the vector {source.Roles.Input.Shown}, and "
                + $"{(option == "--text-features" ? "words are counted in texts" : "an encoder takes text")}. "
                + $"Name the text with --text-col, or leave {option.Split(' ')[0]} out to train a head on the vectors.",
                ExitCode.Usage);
        }
    }

    private IEnumerable<string> TextsOf(IReadOnlyList<ExampleRow> rows)
    {
        IEnumerable<string> texts = rows.Select(row => row.Text);
        texts = Columns.Positive is null ? texts : texts.Concat(rows.Select(row => row.PositiveText));
        return Columns.Negative is null ? texts : texts.Concat(rows.Select(row => row.NegativeText));
    }

    private static void CheckLabels(SourceTable source)
    {
        if (source.Roles.Task == TaskKind.Classification && source.CountLabels() < 2)
        {
            throw new CommandException(
                $"Column '{source.Roles.TargetName}' of '{source.Name}', the label, is '{source.Rows[0].Label}' in every row. "
                + "Training needs at least 2 different labels: name another column with --label-col, or add rows.");
        }
        if (source.Roles.Task == TaskKind.ScoredPairs && source.Rows.All(row => row.Score == source.Rows[0].Score))
        {
            throw new CommandException(
                $"Column '{source.Roles.TargetName}' of '{source.Name}', the score, is the same in every row. "
                + "Training needs at least 2 different scores: name another column with --score-col, or leave it out.");
        }
    }

    private static void NoteUnknownLabels(List<string> notes, SourceTable source, SourceTable test)
    {
        if (source.Roles.Task != TaskKind.Classification)
        {
            return;
        }
        HashSet<string> known = [.. source.Rows.Select(row => row.Label)];
        int unknown = test.Rows.Count(row => !known.Contains(row.Label));
        if (unknown == test.Rows.Count)
        {
            throw new CommandException(
                $"Cannot test with '{test.Name}': none of its labels (column '{test.Roles.TargetName}', "
                + $"such as '{test.Rows[0].Label}') is in '{source.Name}' "
                + $"(column '{source.Roles.TargetName}', such as '{source.Rows[0].Label}'). Check --label-col.");
        }
        if (unknown > 0)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                    $"{unknown:#,0} of {test.Rows.Count:#,0} test rows have a label that no training row has; they count as wrong."));
        }
    }

    private static void ThrowIfTooFew(SourceTable source, IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test)
    {
        bool needsTest = source.Roles.Task != TaskKind.Unsupervised, isFew = training.Count < MinTrainingRows;
        if (!isFew && test.Count == 0 && source.Roles.Task == TaskKind.Classification)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"Column '{source.Roles.TargetName}' of '{source.Name}', the label, has {source.CountLabels():#,0} different values in ")
                + string.Create(CultureInfo.InvariantCulture, $"{source.Rows.Count:#,0} rows, which leaves no row to test with. ")
                + "Training learns what the rows of a label have in common: name a column whose labels occur several times with "
                + "--label-col, leave this one out with --ignore-cols, or give test rows with --test-dataset.");
        }
        if (isFew || (needsTest && test.Count == 0))
        {
            string tested = needsTest ? $" for training and {test.Count} for testing" : " for training";
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{source.Name}' has too few rows with a value in every needed column: {source.Rows.Count}, ")
                + $"which gives {training.Count}{tested}. "
                + $"Needed are at least {MinTrainingRows} for training{(needsTest ? " and at least 1 for testing" : "")}. Add rows.");
        }
    }
}

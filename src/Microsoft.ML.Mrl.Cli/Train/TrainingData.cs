using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>The rows that a training needs, checked.</summary>
/// <param name="Source">The data set they come from.</param>
/// <param name="TestName">The file of the test rows, or <see langword="null"/> where they are a part of the data set.</param>
/// <param name="Training">The rows to train on.</param>
/// <param name="Test">The rows to test with.</param>
/// <param name="Labels">How many different labels there are.</param>
/// <param name="Notes">What the user should know about how the data was read.</param>
internal sealed record TrainingData(
    LabelledTexts Source,
    string? TestName,
    IReadOnlyList<LabelledText> Training,
    IReadOnlyList<LabelledText> Test,
    int Labels,
    IReadOnlyList<string> Notes)
{
    /// <summary>The share of the data set that becomes test rows.</summary>
    public const double TestShare = 0.2;

    private const int LeastTrainingRows = 10;

    /// <summary>Reads and parts the data.</summary>
    /// <exception cref="CommandException">A file cannot be used, or there is too little in it.</exception>
    public static TrainingData Load(TrainRequest request)
    {
        LabelledTexts source = request.Dataset is { } path
            ? LabelledTexts.Read(TabularFile.Open(path), request.TextColumn, request.LabelColumn)
            : LabelledTexts.Read(ShippedData.Open(), request.TextColumn ?? ShippedData.TextColumn, request.LabelColumn ?? ShippedData.LabelColumn);
        int labels = source.CountLabels();
        if (source.Rows.Count == 0)
        {
            throw new CommandException($"'{source.Name}' has no row with both a text ('{source.TextColumn}') and a label ('{source.LabelColumn}'). Fill them in.");
        }
        if (labels < 2)
        {
            throw new CommandException(
                $"Column '{source.LabelColumn}' of '{source.Name}', the label, is '{source.Rows[0].Label}' in every row. "
                + "Training needs at least 2 different labels: name another column with --label-col, or add rows.");
        }
        var notes = new List<string>();
        Note(notes, source);
        if (request.TestDataset is not { } testPath)
        {
            (IReadOnlyList<LabelledText> training, IReadOnlyList<LabelledText> test) = StratifiedSplit.Split(source.Rows, TestShare, request.Seed);
            ThrowIfTooFew(source, training, test);
            return new(source, null, training, test, labels, notes);
        }
        LabelledTexts other = LabelledTexts.Read(TabularFile.Open(testPath), request.TextColumn ?? source.TextColumn, request.LabelColumn ?? source.LabelColumn);
        Note(notes, other);
        ThrowIfTooFew(source, source.Rows, other.Rows);
        NoteUnknownLabels(notes, source, other);
        return new(source, other.Name, source.Rows, other.Rows, labels, notes);
    }

    private static void Note(List<string> notes, LabelledTexts texts)
    {
        if (texts.Guessed)
        {
            notes.Add($"Guessed from the header of '{texts.Name}': text is '{texts.TextColumn}', label is '{texts.LabelColumn}'. Name others with --text-col and --label-col.");
        }
        if (texts.Skipped > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Left out of '{texts.Name}': {texts.Skipped:#,0} of {texts.Rows.Count + texts.Skipped:#,0} rows, whose text or label is empty."));
        }
    }

    private static void NoteUnknownLabels(List<string> notes, LabelledTexts source, LabelledTexts test)
    {
        HashSet<string> known = [.. source.Rows.Select(row => row.Label)];
        int unknown = test.Rows.Count(row => !known.Contains(row.Label));
        if (unknown == test.Rows.Count)
        {
            throw new CommandException(
                $"Cannot test with '{test.Name}': none of its labels (column '{test.LabelColumn}', such as '{test.Rows[0].Label}') is in '{source.Name}' "
                + $"(column '{source.LabelColumn}', such as '{source.Rows[0].Label}'). Check --label-col.");
        }
        if (unknown > 0)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"{unknown:#,0} of {test.Rows.Count:#,0} test rows have a label that no training row has; they count as wrong."));
        }
    }

    private static void ThrowIfTooFew(LabelledTexts source, IReadOnlyList<LabelledText> training, IReadOnlyList<LabelledText> test)
    {
        if (training.Count < LeastTrainingRows || test.Count == 0)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{source.Name}' has too few rows with a text and a label: {source.Rows.Count}, of which {training.Count} to train on and {test.Count} to test with. ")
                + $"Training needs at least {LeastTrainingRows}, and testing 1 of a label with two rows or more. Add rows.");
        }
    }
}

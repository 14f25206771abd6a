using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>
/// Shows progress as lines: one when a part of the job begins, one for each quarter of a long part, and one at the end of each epoch. Where
/// several candidates are trained, which takes hundreds of epochs, there is one line at the end of each candidate's first and last epoch.
/// </summary>
internal sealed class LineProgress(TextWriter output) : IJobProgress
{
    private const int Parts = 4;

    private MrlProgress? _ended;
    private string? _counted;
    private int _part;
    private MrlPhase? _phase;

    /// <summary>Creates a progress display on the output of the console, or nowhere if the verbosity is quiet.</summary>
    public static LineProgress Of(MrlConsole console, Verbosity verbosity) =>
        new(verbosity == Verbosity.Quiet ? TextWriter.Null : console.Output);

    /// <inheritdoc/>
    public void Stage(string name)
    {
        _counted = null;
        output.WriteLine(name);
    }

    /// <inheritdoc/>
    public void Count(string name, int done, int all)
    {
        if (name != _counted)
        {
            (_counted, _part) = (name, 0);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} ({all:#,0})"));
        }
        int part = (int)((long)Parts * done / Math.Max(1, all));
        if (part > _part)
        {
            _part = part;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {done:#,0} of {all:#,0}"));
        }
    }

    /// <inheritdoc/>
    public void Log(string line) => output.WriteLine(line);

    /// <summary>Writes that the job was asked to stop.</summary>
    public void Stopping() => output.WriteLine(ProgressText.Stopping);

    /// <inheritdoc/>
    public void Report(MrlProgress value)
    {
        // The last step of an epoch and its validation are reported one after the other, and only the later report has the score.
        if (_ended is { } ended && (value.Epoch != ended.Epoch || value.Phase != MrlPhase.Training))
        {
            bool isLast = value.Phase != MrlPhase.Training || value.Candidate != ended.Candidate;
            if (ended.Candidates <= 1 || ended.CandidateEpoch == 1 || isLast)
            {
                output.WriteLine(Epoch(ended));
            }
            _ended = null;
        }
        if (value.Phase != _phase)
        {
            _phase = value.Phase;
            if (ProgressText.Phase(value.Phase) is { } name)
            {
                // What is counted from here on is another part of the job, even where it has the same name.
                _counted = null;
                output.WriteLine(name);
            }
        }
        if (ProgressText.IsHead(value))
        {
            if (_counted != ProgressText.Head)
            {
                _counted = ProgressText.Head;
                output.WriteLine(ProgressText.Head);
            }
        }
        else if (value is { Phase: MrlPhase.Starting, Steps: > 0 } && _counted != ProgressText.Head)
        {
            Count(ProgressText.Embedding, value.Step, value.Steps);
        }
        if (value is { Phase: MrlPhase.Training, Epoch: > 0, Epochs: > 0 }
            && value.Step * (long)value.Epochs >= value.Epoch * (long)value.Steps)
        {
            _ended = value;
        }
    }

    private static string Epoch(MrlProgress value)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture, $"  {ProgressText.Epoch(value)}, loss {value.Loss:0.000}");
        if (!double.IsNaN(value.ValidationScore))
        {
            line += string.Create(
                CultureInfo.InvariantCulture, $", validation {100 * value.ValidationScore:0.0} % (best {100 * value.BestScore:0.0} %)");
        }
        return value.Remaining is { } left ? $"{line}, at most {ProgressText.Duration(left)} left" : line;
    }
}

/// <summary>Provides the words of progress messages.</summary>
internal static class ProgressText
{
    /// <summary>The line that is shown after the job was asked to stop.</summary>
    public const string Stopping = "Stopping. A training keeps its best result so far. Press Ctrl+C again to end at once.";

    /// <summary>The line that is shown while texts are embedded.</summary>
    public const string Embedding = "Embedding texts";

    /// <summary>The line that is shown while a head is trained that an encoder starts from.</summary>
    public const string Head = "Training a head on the embeddings";

    /// <summary>Determines whether all texts are embedded and a head is trained on them.</summary>
    public static bool IsHead(MrlProgress value) =>
        value is { Phase: MrlPhase.Starting, Steps: > 0 } && value.Step == value.Steps && value.Remaining > TimeSpan.Zero;

    /// <summary>Returns the line for a phase of the training, or <see langword="null"/> for its end.</summary>
    public static string? Phase(MrlPhase phase) => phase switch
    {
        MrlPhase.Reading => "Reading the training rows",
        MrlPhase.Starting => "Computing the principal components for the comparison",
        MrlPhase.Training => "Training",
        _ => null,
    };

    /// <summary>Returns the epoch and, if several candidates are trained one after another, the candidate.</summary>
    public static string Epoch(MrlProgress value) => value.Candidates > 1
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"candidate {value.Candidate} of {value.Candidates}, epoch {value.CandidateEpoch} of at most {value.CandidateEpochs}")
        : string.Create(CultureInfo.InvariantCulture, $"epoch {value.Epoch} of at most {value.Epochs}");

    /// <summary>Formats a time such as <c>8.2 s</c>, <c>42 s</c> or <c>3 min 05 s</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 9.95 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 59.5 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        var seconds => string.Create(
            CultureInfo.InvariantCulture, $"{(int)(Math.Round(seconds) / 60)} min {Math.Round(seconds) % 60:00} s"),
    };
}

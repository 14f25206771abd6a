using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Progress as a line for each event: the start of a part, the end of an epoch.</summary>
internal sealed class LineProgress(TextWriter output) : IJobProgress
{
    private MrlProgress? _ended;
    private MrlPhase? _phase;

    /// <inheritdoc/>
    public void Stage(string name) => output.WriteLine(name);

    /// <inheritdoc/>
    public void Log(string line) => output.WriteLine(line);

    /// <summary>Says that the job was asked to stop.</summary>
    public void Stopping() => output.WriteLine(ProgressText.Stopping);

    /// <inheritdoc/>
    public void Report(MrlProgress value)
    {
        // The last step of an epoch and its validation are reported one after the other: the later one knows more.
        if (_ended is { } ended && (value.Epoch != ended.Epoch || value.Phase != MrlPhase.Training))
        {
            output.WriteLine(Epoch(ended));
            _ended = null;
        }
        if (value.Phase != _phase)
        {
            _phase = value.Phase;
            if (ProgressText.Phase(value.Phase) is { } name)
            {
                output.WriteLine(name);
            }
        }
        if (value is { Phase: MrlPhase.Training, Epoch: > 0, Epochs: > 0 } && value.Step * (long)value.Epochs >= value.Epoch * (long)value.Steps)
        {
            _ended = value;
        }
    }

    private static string Epoch(MrlProgress value)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"  epoch {value.Epoch} of at most {value.Epochs}, loss {value.Loss:0.000}");
        if (!double.IsNaN(value.ValidationScore))
        {
            line += string.Create(CultureInfo.InvariantCulture, $", validation {100 * value.ValidationScore:0.0} % (best {100 * value.BestScore:0.0} %)");
        }
        return value.Remaining is { } left ? $"{line}, at most {ProgressText.Duration(left)} left" : line;
    }
}

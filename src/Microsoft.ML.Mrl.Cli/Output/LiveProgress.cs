using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Shows progress as one line that is rewritten: what is done, a bar, and the time left.</summary>
internal sealed class LiveProgress : IJobProgress
{
    private readonly ProgressTask _task;
    private readonly TimeLeftColumn _timeLeft;
    private volatile bool _stopping;
    private bool _hasHead;

    private LiveProgress(ProgressTask task, TimeLeftColumn timeLeft)
    {
        _task = task;
        _timeLeft = timeLeft;
    }

    /// <summary>Runs a job under the display, and removes the display when the job ends.</summary>
    public static T Run<T>(IAnsiConsole terminal, Func<IJobProgress, T> job, CancellationToken cancellation)
    {
        var timeLeft = new TimeLeftColumn();
        return terminal.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 20 },
                new PercentageColumn(),
                timeLeft)
            .Start(context =>
            {
                var progress = new LiveProgress(context.AddTask("Starting", maxValue: 1), timeLeft);
                using CancellationTokenRegistration registration = cancellation.Register(progress.Stopping);
                return job(progress);
            });
    }

    /// <inheritdoc/>
    public void Stage(string name)
    {
        _stopping = false;
        _timeLeft.Text = "";
        _task.IsIndeterminate = true;
        _task.Description = Markup.Escape(name);
    }

    /// <inheritdoc/>
    public void Count(string name, int done, int all)
    {
        if (_stopping)
        {
            return;
        }
        _timeLeft.Text = "";
        _task.IsIndeterminate = false;
        _task.MaxValue = all;
        _task.Value = done;
        _task.Description = Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{name}, {done:#,0} of {all:#,0}"));
    }

    /// <inheritdoc/>
    public void Log(string line)
    {
    }

    /// <inheritdoc/>
    public void Report(MrlProgress value)
    {
        if (_stopping)
        {
            return;
        }
        if (value is { Phase: MrlPhase.Starting, Steps: > 0 })
        {
            if (ProgressText.IsHead(value))
            {
                _hasHead = true;
                Stage(ProgressText.Head);
            }
            else if (!_hasHead)
            {
                Count(ProgressText.Embedding, value.Step, value.Steps);
            }
            _timeLeft.Text = value.Remaining is { } rest ? $"about {ProgressText.Duration(rest)} left" : "";
            return;
        }
        if (value.Phase != MrlPhase.Training || value.Steps == 0)
        {
            if (ProgressText.Phase(value.Phase) is { } name)
            {
                Stage(name);
            }
            return;
        }
        _task.IsIndeterminate = false;
        _task.MaxValue = value.Steps;
        _task.Value = value.Step;
        _task.Description = Markup.Escape(Describe(value));
        _timeLeft.Text = value.Remaining is { } left ? $"at most {ProgressText.Duration(left)} left" : "";
    }

    private void Stopping()
    {
        Stage(ProgressText.Stopping);
        _stopping = true;
    }

    private static string Describe(MrlProgress value)
    {
        string score = double.IsNaN(value.BestScore)
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", best {100 * value.BestScore:0.0} %");
        return value.Candidates > 1
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Candidate {value.Candidate}/{value.Candidates}, epoch {value.CandidateEpoch}/{value.CandidateEpochs}{score}")
            : string.Create(CultureInfo.InvariantCulture, $"Epoch {value.Epoch}/{value.Epochs}{score}");
    }
}

/// <summary>Shows the time left as the training itself estimates it.</summary>
internal sealed class TimeLeftColumn : ProgressColumn
{
    private volatile string _text = "";

    /// <summary>Gets or sets the text that is shown.</summary>
    public string Text
    {
        get => _text;
        set => _text = value;
    }

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Spectre.Console.Text(Text);
}

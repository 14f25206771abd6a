namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Runs a job under the display that fits the console and the verbosity.</summary>
internal static class JobDisplay
{
    /// <summary>Runs it on this thread.</summary>
    /// <param name="console">The console.</param>
    /// <param name="verbosity">Quiet shows nothing; diagnostic, whose log would tear a live display, shows lines.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">Shown as soon as it is asked for.</param>
    public static T Run<T>(MrlConsole console, Verbosity verbosity, Func<IJobProgress, T> job, CancellationToken cancellation)
    {
        if (verbosity == Verbosity.Normal && console.Terminal is { } terminal)
        {
            return LiveProgress.Run(terminal, job, cancellation);
        }
        TextWriter lines = verbosity == Verbosity.Quiet ? TextWriter.Null : console.Output;
        var progress = new LineProgress(TextWriter.Synchronized(lines));
        using CancellationTokenRegistration registration = cancellation.Register(progress.Stopping);
        return job(progress);
    }
}

/// <summary>Hears how far a job is.</summary>
internal interface IJobProgress : IProgress<MrlProgress>
{
    /// <summary>A part of the job begins whose length is not known.</summary>
    /// <param name="name">What is done, such as <c>Saving the model</c>.</param>
    void Stage(string name);

    /// <summary>A line of ML.NET's log.</summary>
    void Log(string line);
}

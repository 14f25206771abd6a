namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Runs a job under the progress display that fits the console and the verbosity.</summary>
internal static class JobDisplay
{
    /// <summary>Runs a job on the calling thread.</summary>
    /// <param name="console">The console.</param>
    /// <param name="verbosity">
    /// <see cref="Verbosity.Quiet"/> shows no progress. <see cref="Verbosity.Diagnostic"/> shows lines: a log would disturb a live display.
    /// </param>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">A cancellation is shown as soon as it is requested.</param>
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

/// <summary>Receives the progress of a job.</summary>
internal interface IJobProgress : IProgress<MrlProgress>
{
    /// <summary>Announces a part of the job whose length is not known.</summary>
    /// <param name="name">The part of the job, such as <c>Saving the model</c>.</param>
    void Stage(string name);

    /// <summary>Reports how much of a part of the job is done.</summary>
    /// <param name="name">The part of the job, such as <c>Embedding texts</c>.</param>
    /// <param name="done">The number of rows that are done.</param>
    /// <param name="all">The number of all rows.</param>
    void Count(string name, int done, int all);

    /// <summary>Receives a line of ML.NET's log.</summary>
    void Log(string line);
}

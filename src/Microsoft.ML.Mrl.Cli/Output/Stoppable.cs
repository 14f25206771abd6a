namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>
/// Runs work that does not check a cancellation token, such as reading a file, so that Ctrl+C ends the wait for it at once.
/// </summary>
internal static class Stoppable
{
    /// <summary>Runs work on a thread of the pool and waits for its result.</summary>
    /// <param name="work">
    /// The work. After a cancellation it may run on until the process ends, so it must not write to anything that outlives the command.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static T Run<T>(Func<T> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Task<T> task = Task.Run(work, CancellationToken.None);
        try
        {
            task.Wait(cancellation);
        }
        // What the work itself threw comes out below, as it was thrown.
        catch (AggregateException)
        {
        }
        return task.GetAwaiter().GetResult();
    }
}

using System.Runtime.ExceptionServices;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Runs trainings that know nothing of each other, each by one thread of libtorch: small steps share their work badly among threads, whole
/// trainings share it well. Every training comes to the same as it would alone.
/// </summary>
/// <param name="atOnce">How many run at once; 1 for one after the other on the caller's thread.</param>
/// <param name="log">Receives the messages: where several run at once at the end of all, in the order of the trainings.</param>
/// <param name="cancellation">Ends them.</param>
internal sealed class SideBySide(int atOnce, MrlLog log, CancellationToken cancellation)
{
    /// <summary>Runs a training.</summary>
    /// <param name="number">Which, from 0.</param>
    /// <param name="log">Receives its messages.</param>
    /// <param name="cancellation">Ends it, also where another has failed.</param>
    /// <returns>Whether more shall begin.</returns>
    public delegate bool Training(int number, MrlLog log, CancellationToken cancellation);

    public int AtOnce => atOnce;

    /// <summary>As many at once as the threads allow; one where code of the user takes part.</summary>
    public static SideBySide Of(TrainingPlan plan, ThreadLimit threads, MrlLog log, CancellationToken cancellation) =>
        new(plan.Options.Objective.IsOfUser ? 1 : threads.AtOnce, log, cancellation);

    /// <summary>Runs trainings, from the first, until one says that no more shall begin.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="run">Runs one. What it throws ends the others, and the first exception is thrown.</param>
    public void Run(int count, Training run)
    {
        if (atOnce <= 1 || count <= 1)
        {
            for (int i = 0; i < count && run(i, log, cancellation); i++)
            {
            }
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        MrlLog[] logs = [.. Enumerable.Range(0, count).Select(_ => log.Hold())];
        (int next, bool goesOn) = (-1, true);
        ExceptionDispatchInfo? failure = null;
        // Threads of their own, since libtorch's number of threads stays with the thread that it was set on.
        Thread[] threads =
            [.. Enumerable.Range(0, Math.Min(atOnce, count)).Select(_ => new Thread(TakeTurns) { IsBackground = true, Name = "Training" })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(logs, own => own.Release());
        failure?.Throw();

        void TakeTurns()
        {
            try
            {
                torch.set_num_threads(1);
                while (Volatile.Read(ref goesOn) && Interlocked.Increment(ref next) is var i && i < count)
                {
                    if (!run(i, logs[i], stop.Token))
                    {
                        Volatile.Write(ref goesOn, false);
                    }
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
                Volatile.Write(ref goesOn, false);
                stop.Cancel();
            }
        }
    }
}

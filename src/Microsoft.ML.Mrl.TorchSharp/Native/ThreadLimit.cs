using TorchSharp;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>
/// Sets libtorch's thread count for one training and puts the process's setting back after the last of those under way. Small steps are
/// slower with several threads, since handing out the work costs more than doing it; the count depends on the size of a step alone, never
/// on the load of the moment, so that results repeat.
/// </summary>
internal sealed class ThreadLimit : IDisposable
{
    /// <summary>The number of multiplications of a step from which several threads are faster.</summary>
    private const double WorthSharing = 6e7;

    /// <summary>The same where several trainings can run side by side, which uses the cores better.</summary>
    private const double WorthSharingOfSeveral = 6e8;

    private static readonly object Gate = new();
    private static int _limited;
    private static int _before;

    private readonly bool _limits;

    private ThreadLimit(bool limits)
    {
        _limits = limits;
        if (!_limits)
        {
            return;
        }
        lock (Gate)
        {
            if (_limited++ == 0)
            {
                _before = torch.get_num_threads();
            }
            torch.set_num_threads(1);
        }
    }

    /// <summary>Limits the threads of training steps: small steps use one thread.</summary>
    /// <param name="multiplications">The multiplications of a step.</param>
    /// <param name="isOneOfSeveral">Whether several such trainings can run side by side.</param>
    public static ThreadLimit ForSteps(double multiplications, bool isOneOfSeveral = false) =>
        new(multiplications < (isOneOfSeveral ? WorthSharingOfSeveral : WorthSharing));

    /// <summary>
    /// Limits the threads to one, for decompositions, solvers and sums over all rows, whose last bits depend on the number of threads,
    /// unlike those of the products of a step.
    /// </summary>
    public static ThreadLimit ToOne() => new(limits: true);

    /// <summary>How many trainings of such steps can run side by side: as many as libtorch would have threads without the limit.</summary>
    public int AtOnce => _limits ? Volatile.Read(ref _before) : 1;

    public void Dispose()
    {
        if (!_limits)
        {
            return;
        }
        lock (Gate)
        {
            if (--_limited == 0)
            {
                torch.set_num_threads(_before);
            }
        }
    }
}

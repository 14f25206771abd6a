using TorchSharp;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Sets libtorch's thread count for one training and puts the process's setting back afterwards. Small steps are slower with several threads, since
/// handing out the work costs more than doing it; the count depends on the size of a step alone, never on the load of the moment, so that results repeat.
/// </summary>
internal sealed class ThreadLimit : IDisposable
{
    /// <summary>Multiplications of one step from which several threads pay.</summary>
    private const double WorthSharing = 4e8;

    private readonly int _before = torch.get_num_threads();

    public ThreadLimit(double multiplicationsPerStep)
    {
        if (multiplicationsPerStep < WorthSharing)
        {
            torch.set_num_threads(1);
        }
    }

    public void Dispose() => torch.set_num_threads(_before);
}

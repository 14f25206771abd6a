namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Checkpoints;

/// <summary>Does something once when an epoch has ended, and something else when a later one has.</summary>
internal sealed class DuringEpoch(int epoch, Action act, int laterEpoch = int.MaxValue, Action? actLater = null) : IProgress<MrlProgress>
{
    private bool _hasActed;
    private bool _hasActedLater;

    public void Report(MrlProgress value)
    {
        if (value.Phase != MrlPhase.Training || double.IsNaN(value.ValidationScore))
        {
            return;
        }
        if (!_hasActed && value.Epoch >= epoch)
        {
            _hasActed = true;
            act();
        }
        if (!_hasActedLater && value.Epoch >= laterEpoch)
        {
            _hasActedLater = true;
            actLater!();
        }
    }
}

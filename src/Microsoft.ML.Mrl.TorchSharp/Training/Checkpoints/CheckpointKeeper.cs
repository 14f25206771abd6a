namespace Microsoft.ML.Mrl;

/// <summary>Saves a training every so many steps, and brings it back to where it was.</summary>
internal sealed class CheckpointKeeper(MrlFineTuneOptions options, string identity, TrainingState state, HeadModule head, MatryoshkaLoss loss, AdamW optimizer, MrlLog log)
{
    private readonly CheckpointFolder? _folder = options.CheckpointFolder is null ? null : new CheckpointFolder(options.CheckpointFolder);

    /// <summary>Goes on from the newest whole checkpoint, if the options want that; says which, or why not.</summary>
    /// <exception cref="InvalidOperationException">The options require a checkpoint and there is none that fits.</exception>
    public void Resume()
    {
        if (_folder is null || options.Resume == ResumeMode.Never)
        {
            return;
        }
        var reasons = new List<string>();
        foreach (string file in _folder.Files)
        {
            try
            {
                float[][] numbers = NumberSnapshot.Take(Parameters);
                CheckpointFormat.Read(File.ReadAllBytes(file), identity, state, numbers, head.Numbers.Length, optimizer);
                NumberSnapshot.Restore(Parameters, numbers);
                log.Info($"Going on from '{file}': epoch {state.Epoch}, step {state.Steps}.");
                return;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reasons.Add($"'{file}': {e.Message}");
            }
        }
        string why = reasons.Count == 0 ? $"'{options.CheckpointFolder}' holds no checkpoint" : string.Join("; ", reasons);
        if (options.Resume == ResumeMode.Required)
        {
            throw new InvalidOperationException($"The training cannot go on from a checkpoint: {why}.");
        }
        if (reasons.Count > 0)
        {
            log.Warning($"The training begins anew, since no checkpoint can be used: {why}.");
        }
    }

    /// <summary>Saves if it is time to, or at once where asked.</summary>
    public void AfterStep(bool always = false)
    {
        if (_folder is not null && (always || state.Steps % options.CheckpointEvery == 0))
        {
            _folder.Save(state.Steps, CheckpointFormat.Write(identity, state, NumberSnapshot.Take(Parameters), optimizer));
        }
    }

    private TorchSharp.Modules.Parameter[] Parameters => [.. head.Numbers, .. loss.Parameters];
}

using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Turns the first Ctrl+C into a cancellation and lets the second end the process.</summary>
internal sealed class Interruption : IDisposable
{
    private const string ShowCursor = "\e[?25h";

    private readonly CancellationTokenSource _source = new();

    public Interruption() => Console.CancelKeyPress += OnCancelKeyPress;

    /// <summary>Cancelled by the first Ctrl+C.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKeyPress;
        _source.Dispose();
    }

    private void OnCancelKeyPress(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = true;
        if (!_source.IsCancellationRequested)
        {
            _source.Cancel();
            return;
        }
        if (!Console.IsOutputRedirected)
        {
            // A live progress bar hides it.
            Console.Out.WriteLine(ShowCursor);
        }
        Environment.Exit(ExitCode.Interrupted);
    }
}

using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Turns the first Ctrl+C into a cancellation. The second one ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private const string ShowCursor = "\e[?25h";

    private readonly CancellationTokenSource _source = new();

    public Interruption() => Console.CancelKeyPress += OnCancelKeyPress;

    /// <summary>Gets the token that the first Ctrl+C cancels.</summary>
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
            // A live progress bar hides the cursor.
            Console.Out.WriteLine(ShowCursor);
        }
        Environment.Exit(ExitCode.Interrupted);
    }
}

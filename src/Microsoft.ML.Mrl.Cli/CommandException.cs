namespace Microsoft.ML.Mrl.Cli;

/// <summary>Ends a command with a message for the user and an exit code.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.BadInput, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code, one of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Ends a command with a message for the user and an exit code.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.BadInput, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Gets the exit code, one of <see cref="Output.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>Defines the exit codes of the process.</summary>
internal static class ExitCode
{
    /// <summary>The command finished, or was stopped early with a result.</summary>
    public const int Ok = 0;

    /// <summary>A file or the data in it cannot be used.</summary>
    public const int BadInput = 1;

    /// <summary>The command line cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C ended the command before there was a result: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Ends a command with a message for the user and an exit code.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.BadInput, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code, one of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Done, or stopped early with a result.</summary>
    public const int Ok = 0;

    /// <summary>The data or a file cannot be used.</summary>
    public const int BadInput = 1;

    /// <summary>The command line cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl+C before there was anything to keep: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}

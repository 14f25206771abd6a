using Spectre.Console;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Represents the place that output goes to, and what that place can show.</summary>
internal sealed class MrlConsole
{
    /// <summary>Initializes a new instance of the <see cref="MrlConsole"/> class.</summary>
    /// <param name="output">The writer of results and progress.</param>
    /// <param name="error">The writer of errors.</param>
    /// <param name="isTerminal">Whether the output is a terminal that can rewrite lines.</param>
    /// <param name="useColor">Whether a terminal shows colors.</param>
    public MrlConsole(TextWriter output, TextWriter error, bool isTerminal, bool useColor)
    {
        Output = output;
        Error = error;
        Terminal = isTerminal ? CreateTerminal(output, useColor) : null;
    }

    /// <summary>Gets the writer of results and progress.</summary>
    public TextWriter Output { get; }

    /// <summary>Gets the writer of errors.</summary>
    public TextWriter Error { get; }

    /// <summary>
    /// Gets the output as a terminal that can rewrite lines, or <see langword="null"/> for a file, a pipe or a dumb terminal.
    /// </summary>
    public IAnsiConsole? Terminal { get; }

    /// <summary>Makes the console of this process, which honours NO_COLOR and TERM=dumb.</summary>
    public static MrlConsole OfProcess()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        bool useColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new(Console.Out, Console.Error, isTerminal, useColor);
    }

    private static IAnsiConsole CreateTerminal(TextWriter output, bool useColor) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        ColorSystem = useColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });
}

/// <summary>Specifies how much a command writes.</summary>
internal enum Verbosity
{
    /// <summary>Only the result is written.</summary>
    Quiet,

    /// <summary>Progress, the result and a summary are written.</summary>
    Normal,

    /// <summary>ML.NET's log and the stack traces of errors are written as well.</summary>
    Diagnostic,
}

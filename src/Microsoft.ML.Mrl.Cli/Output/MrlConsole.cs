using Spectre.Console;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>The place that output goes to, and what that place can show.</summary>
internal sealed class MrlConsole
{
    private MrlConsole(TextWriter output, TextWriter error, bool isTerminal, bool useColor)
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

    /// <summary>Makes a console that writes plain lines without control codes.</summary>
    public static MrlConsole Plain(TextWriter output, TextWriter error) => new(output, error, isTerminal: false, useColor: false);

    /// <summary>Makes a console that writes as to a terminal.</summary>
    public static MrlConsole Live(TextWriter output, TextWriter error, bool useColor) => new(output, error, isTerminal: true, useColor);

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

/// <summary>How much a command writes.</summary>
internal enum Verbosity
{
    /// <summary>Only the result is written.</summary>
    Quiet,

    /// <summary>Progress, the result and a summary are written.</summary>
    Normal,

    /// <summary>ML.NET's log and the stack traces of errors are written as well.</summary>
    Diagnostic,
}

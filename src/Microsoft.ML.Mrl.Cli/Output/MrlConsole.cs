using Spectre.Console;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Where output goes, and what the place can show.</summary>
internal sealed class MrlConsole
{
    private MrlConsole(TextWriter output, TextWriter error, bool isTerminal, bool useColor)
    {
        Output = output;
        Error = error;
        Terminal = isTerminal ? CreateTerminal(output, useColor) : null;
    }

    /// <summary>Results and progress.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors.</summary>
    public TextWriter Error { get; }

    /// <summary>The output as a terminal that can rewrite lines; <see langword="null"/> where it is a file, a pipe or a dumb terminal.</summary>
    public IAnsiConsole? Terminal { get; }

    /// <summary>Plain lines, no control codes.</summary>
    public static MrlConsole Plain(TextWriter output, TextWriter error) => new(output, error, isTerminal: false, useColor: false);

    /// <summary>As on a terminal.</summary>
    public static MrlConsole Live(TextWriter output, TextWriter error, bool useColor) => new(output, error, isTerminal: true, useColor);

    /// <summary>The console of this process. Honours NO_COLOR and TERM=dumb.</summary>
    public static MrlConsole OfProcess()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new(Console.Out, Console.Error, isTerminal, useColor: string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    }

    private static IAnsiConsole CreateTerminal(TextWriter output, bool useColor) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        ColorSystem = useColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });
}

/// <summary>How much is told.</summary>
internal enum Verbosity
{
    /// <summary>The result alone.</summary>
    Quiet,

    /// <summary>Progress, the result, and a summary.</summary>
    Normal,

    /// <summary>Also ML.NET's log, and stack traces of errors.</summary>
    Diagnostic,
}

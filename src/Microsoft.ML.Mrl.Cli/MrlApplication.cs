using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Embed;
using Microsoft.ML.Mrl.Cli.Evaluate;
using Microsoft.ML.Mrl.Cli.Export;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Train;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Runs command lines. A failure becomes one message on the error output and an exit code.</summary>
internal static class MrlApplication
{
    /// <summary>Runs a command line on a console.</summary>
    /// <param name="args">The arguments, without the name of the program.</param>
    /// <param name="console">The console that receives the output.</param>
    /// <param name="cancellation">Stops the command early. A training then keeps its best result so far.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, MrlConsole console, CancellationToken cancellation)
    {
        var root = new RootCommand("Trains, measures and uses Matryoshka embeddings: vectors that can be cut to their first values.");
        root.Subcommands.Add(TrainCommand.Create(console, cancellation));
        root.Subcommands.Add(EvaluateCommand.Create(HeldOutRows.Of, console, cancellation));
        root.Subcommands.Add(EvaluateCommand.CreateRecommend(HeldOutRows.Of, console, cancellation));
        root.Subcommands.Add(EmbedCommand.Create(console, cancellation));
        root.Subcommands.Add(ExportCommand.Create(console, cancellation));
        root.Subcommands.Add(EmbedCommand.CreateMerge(console, cancellation));
        // An argument that begins with @ is a file name like any other.
        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is null or System.CommandLine.Invocation.ParseErrorAction && result.Tokens.Count == 0)
        {
            root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = console.Output, Error = console.Error });
            return ExitCode.Usage;
        }
        if (UsageErrors.Describe(result) is { } message)
        {
            console.Error.WriteLine(message);
            return ExitCode.Usage;
        }
        return result.Invoke(new InvocationConfiguration
        {
            Output = console.Output,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }
}

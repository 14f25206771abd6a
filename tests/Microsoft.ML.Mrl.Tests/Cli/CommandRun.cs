using Microsoft.ML.Mrl.Cli;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>What a command line came to.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    // No test writes to the cache of the user.
    static CommandRun()
    {
        DirectoryInfo cache = Directory.CreateTempSubdirectory("mrl-test-cache-");
        Environment.SetEnvironmentVariable(VectorCache.FolderVariable, cache.FullName);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cache.Delete(recursive: true);
    }

    public static CommandRun Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = Run(args, output, error);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command line as if both outputs were redirected.</summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default) =>
        MrlApplication.Run(args, new MrlConsole(output, error, isTerminal: false, useColor: false), cancellation);

    /// <summary>The output's lines, without the empty ones.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Asserts a failure that is told in one message, on the error output only, without a stack trace.</summary>
    public void AssertFails(int exitCode, params string[] parts)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.All(parts, part => Assert.Contains(part, Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Accuracy", Output, StringComparison.Ordinal);
    }
}

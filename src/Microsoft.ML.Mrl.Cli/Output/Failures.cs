using System.Reflection;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Turns an exception into one message on the error output and an exit code.</summary>
internal static class Failures
{
    /// <summary>Runs a job.</summary>
    /// <param name="console">The console that the message is written to.</param>
    /// <param name="verbosity">At <see cref="Verbosity.Diagnostic"/> the stack trace follows the message.</param>
    /// <param name="job">The job, which returns the exit code.</param>
    public static int Handled(MrlConsole console, Verbosity verbosity, Func<int> job)
    {
        try
        {
            return job();
        }
        catch (CommandException e)
        {
            return Tell(e, e.Message, e.ExitCode);
        }
        catch (OperationCanceledException e)
        {
            return Tell(e, "Stopped before there was a result. Nothing was written.", ExitCode.Interrupted);
        }
        // The last resort of a command line: whatever the exception is, the user gets a sentence, and the trace on request.
        catch (Exception e)
        {
            string advice = verbosity == Verbosity.Diagnostic ? "" : " Run again with --verbosity d for the details.";
            return Tell(e, $"Failed: {FirstLine(e.Message)}{advice}", ExitCode.BadInput);
        }

        int Tell(Exception e, string message, int exitCode)
        {
            console.Error.WriteLine(message);
            if (verbosity == Verbosity.Diagnostic)
            {
                console.Error.WriteLine(e.ToString());
            }
            return exitCode;
        }
    }

    /// <summary>
    /// Returns an exception's message without the name of the parameter, which means nothing to a user of the tool. Of exceptions that
    /// ML.NET throws about exceptions in what it calls by reflection, it is that of the inner one.
    /// </summary>
    public static string Sentence(Exception e) =>
        e is TargetInvocationException { InnerException: { } inner } ? Sentence(inner) : FirstLine(e.Message.Split(" (Parameter")[0]);

    // Native code puts its stack trace into the message.
    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}

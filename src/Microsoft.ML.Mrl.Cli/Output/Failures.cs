namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Turns what goes wrong in a job into one message on the error output and an exit code.</summary>
internal static class Failures
{
    /// <summary>Runs a job.</summary>
    /// <param name="console">Where the message goes.</param>
    /// <param name="verbosity">Whether the stack trace is shown as well.</param>
    /// <param name="job">Returns the exit code.</param>
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
        // The last resort of a command line: whatever it is, the user gets a sentence, and the trace on request.
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

    // Native code puts its stack trace into the message.
    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}

using System.CommandLine;
using System.CommandLine.Parsing;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Describes what is wrong with a command line and what would be right.</summary>
internal static class UsageErrors
{
    /// <summary>Returns the message, or <see langword="null"/> where nothing is wrong.</summary>
    public static string? Describe(ParseResult result)
    {
        if (result.Errors.Count == 0)
        {
            return null;
        }
        System.CommandLine.Command command = result.CommandResult.Command;
        if (result.UnmatchedTokens is [var unknown, ..])
        {
            return command is RootCommand ? UnknownVerb(unknown, command) : UnknownOption(unknown, command);
        }
        return string.Join(Environment.NewLine, result.Errors.Select(error => error.Message).Distinct())
            + Environment.NewLine + $"See '{FullName(command)} --help'.";
    }

    private static string UnknownVerb(string verb, System.CommandLine.Command root) => verb.StartsWith('-')
        ? UnknownOption(verb, root)
        : $"Unknown command '{verb}'. Commands: {string.Join(", ", root.Subcommands.Select(c => c.Name))}. See 'mrl --help'.";

    private static string UnknownOption(string option, System.CommandLine.Command command)
    {
        string kind = option.StartsWith('-') ? "option" : "argument";
        string options = string.Join(", ", command.Options.Where(o => !o.Hidden).Select(o => o.Name));
        return $"Unknown {kind} '{option}' for '{FullName(command)}'. Options: {options}. See '{FullName(command)} --help'.";
    }

    private static string FullName(System.CommandLine.Command command) => command is RootCommand ? "mrl" : $"mrl {command.Name}";
}

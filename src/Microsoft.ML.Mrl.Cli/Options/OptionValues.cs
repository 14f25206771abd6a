using System.CommandLine.Parsing;
using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>Turns the values of options into what they mean, or adds an error that says what would be right.</summary>
internal static class OptionValues
{
    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public static Func<ArgumentResult, int> WholeNumber(string option, int least) => result =>
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least)
        {
            return number;
        }
        result.AddError($"Cannot use {option} {text}: it is not a whole number from {least} to {int.MaxValue}.");
        return least;
    };

    /// <summary>A word that is true or false.</summary>
    public static Func<ArgumentResult, string> TrueOrFalse(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (!bool.TryParse(text, out _))
        {
            result.AddError($"Cannot use {option} {text}: choose true or false.");
        }
        return text;
    };

    /// <summary>A share above 0, up to 1.</summary>
    public static Func<ArgumentResult, double> Share(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 1)
        {
            return value;
        }
        result.AddError($"Cannot use {option} {text}: choose a share above 0 and at most 1, such as 0.99.");
        return 1;
    };

    /// <summary>Prefix lengths, separated by commas or spaces.</summary>
    public static Func<ArgumentResult, MatryoshkaDimensions?> Dimensions(string option) => result =>
    {
        string text = string.Join(' ', result.Tokens.Select(token => token.Value));
        string[] parts = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var values = new List<int>();
        foreach (string part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < 1)
            {
                result.AddError($"Cannot use {option} {text}: '{part}' is not a prefix length. Give whole numbers from 1, such as {option} 8,16,32.");
                return null;
            }
            values.Add(value);
        }
        try
        {
            return new MatryoshkaDimensions(values);
        }
        catch (ArgumentException e)
        {
            result.AddError($"Cannot use {option} {text}: {e.Message.Split(" (Parameter")[0]}");
            return null;
        }
    };

    /// <summary>One of a few words, whole or by first letter.</summary>
    public static Func<ArgumentResult, T> Word<T>(string option)
        where T : struct, Enum => result =>
    {
        string text = result.Tokens[0].Value;
        foreach (string name in Enum.GetNames<T>())
        {
            if (text.Equals(name, StringComparison.OrdinalIgnoreCase) || (text.Length == 1 && char.ToUpperInvariant(text[0]) == name[0]))
            {
                return Enum.Parse<T>(name);
            }
        }
        IEnumerable<string> valid = Enum.GetNames<T>().Select(name => $"{char.ToLowerInvariant(name[0])} ({name.ToLowerInvariant()})");
        result.AddError($"Cannot use {option} {text}: choose {string.Join(", ", valid)}.");
        return default;
    };
}

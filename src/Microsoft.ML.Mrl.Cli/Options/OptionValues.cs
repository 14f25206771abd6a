using System.CommandLine.Parsing;
using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>Parses the values of options. A value that cannot be used adds an error that says which values can.</summary>
internal static class OptionValues
{
    /// <summary>Parses a whole number of at least <paramref name="least"/>.</summary>
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

    /// <summary>Parses a number above 0.</summary>
    public static Func<ArgumentResult, double> PositiveNumber(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0
            && double.IsFinite(value))
        {
            return value;
        }
        result.AddError($"Cannot use {option} {text}: choose a number above 0, such as 0.002.");
        return 1;
    };

    /// <summary>Parses the word true or false.</summary>
    public static Func<ArgumentResult, string> TrueOrFalse(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (!bool.TryParse(text, out _))
        {
            result.AddError($"Cannot use {option} {text}: choose true or false.");
        }
        return text;
    };

    /// <summary>Parses a share above 0 and at most 1.</summary>
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

    /// <summary>Parses the character that separates fields.</summary>
    public static Func<ArgumentResult, char?> Separator(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (SeparatorOf(text) is { } separator)
        {
            return separator;
        }
        result.AddError($"Cannot use {option} {text}: choose one character that is no letter, digit, quote or point, or the word tab.");
        return null;
    };

    /// <summary>Returns the separator that a text names, or <see langword="null"/> where it names none.</summary>
    public static char? SeparatorOf(string text)
    {
        string one = text is "tab" or "\\t" ? "\t" : text;
        return one.Length == 1 && !char.IsLetterOrDigit(one[0]) && one[0] is not ('"' or '\'' or '.' or '-' or '+' or '\r' or '\n')
            ? one[0] : null;
    }

    /// <summary>Parses a decimal marker.</summary>
    public static Func<ArgumentResult, char?> DecimalMarker(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        if (text is "." or ",")
        {
            return text[0];
        }
        result.AddError($"Cannot use {option} {text}: choose . or ,");
        return null;
    };

    /// <summary>Parses one shard of several, such as <c>2/8</c>.</summary>
    public static Func<ArgumentResult, (int Index, int Count)?> Shard(string option) => result =>
    {
        string text = result.Tokens[0].Value;
        string[] parts = text.Split('/');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index >= 1 && index <= count)
        {
            return (index, count);
        }
        result.AddError(
            $"Cannot use {option} {text}: give the number of this shard and the number of all shards, from 1/N to N/N, such as 2/8.");
        return null;
    };

    /// <summary>Parses prefix lengths, separated by commas or spaces.</summary>
    public static Func<ArgumentResult, MatryoshkaDimensions?> Dimensions(string option) => result =>
    {
        string text = string.Join(' ', result.Tokens.Select(token => token.Value));
        string[] parts = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var values = new List<int>();
        foreach (string part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < 1)
            {
                result.AddError(
                    $"Cannot use {option} {text}: '{part}' is not a prefix length. Give whole numbers from 1, such as {option} 8,16,32.");
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

    /// <summary>Parses one of a few words. A letter stands for the first word that begins with it.</summary>
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
        // A letter is named only for the word that it stands for, the first with that letter.
        IEnumerable<string> valid = Enum.GetNames<T>().GroupBy(name => char.ToLowerInvariant(name[0])).SelectMany(
            group => group.Select((name, i) => i == 0 ? $"{group.Key} ({name.ToLowerInvariant()})" : name.ToLowerInvariant()));
        result.AddError($"Cannot use {option} {text}: choose {string.Join(", ", valid)}.");
        return default;
    };
}

using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Formats values as C# literals.</summary>
internal static class CSharpLiteral
{
    /// <summary>Returns a text in quotes.</summary>
    public static string Text(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                >= ' ' and <= '~' => text.Append(c),
                // Letters of any script are readable. Line ends, controls and halves of surrogate pairs would break the line.
                _ when char.IsLetterOrDigit(c) => text.Append(c),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }
        return text.Append('"').ToString();
    }

    /// <summary>Returns a character in quotes.</summary>
    public static string Character(char value) => value switch
    {
        '\t' => "'\\t'",
        '\'' => "'\\''",
        '\\' => "'\\\\'",
        >= ' ' and <= '~' => $"'{value}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"'\\u{(int)value:x4}'"),
    };

    /// <summary>Returns a finite number of single precision.</summary>
    public static string Single(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

    /// <summary>Returns whole numbers with commas between them.</summary>
    public static string List(IEnumerable<int> values) =>
        string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Returns true or false.</summary>
    public static string Bool(bool value) => value ? "true" : "false";
}

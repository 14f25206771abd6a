using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Names of tables and columns as they may stand in SQL.</summary>
internal static class SqlIdentifier
{
    /// <summary>PostgreSQL cuts longer names in silence (NAMEDATALEN − 1).</summary>
    public const int MostBytes = 63;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name in double quotes, those within it doubled.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? Problem(string what, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return $"{what} is empty; give a name.";
        }
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return $"{what} has a zero character, which PostgreSQL cannot keep.";
        }
        try
        {
            int bytes = s_strict.GetByteCount(name);
            return bytes > MostBytes ? $"{what} '{name}' takes {bytes} bytes in UTF-8; PostgreSQL keeps {MostBytes}." : null;
        }
        catch (EncoderFallbackException)
        {
            return $"{what} has half a surrogate pair, which is no text.";
        }
    }

    /// <summary>A name made of parts, cut to what PostgreSQL keeps, without cutting a character.</summary>
    /// <param name="name">The name wanted.</param>
    /// <param name="ending">What must stay: it tells the name from others that are cut alike.</param>
    public static string Fit(string name, string ending)
    {
        int room = MostBytes - s_strict.GetByteCount(ending);
        var kept = new StringBuilder();
        foreach (Rune rune in name.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }
            kept.Append(rune);
        }
        return kept + ending;
    }
}

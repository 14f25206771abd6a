using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Checks and quotes names of tables and columns for SQL.</summary>
internal static class SqlIdentifier
{
    /// <summary>The maximum number of bytes of a name (NAMEDATALEN − 1). PostgreSQL silently cuts longer names.</summary>
    public const int MaxBytes = 63;

    /// <summary>Returns the name in double quotes, with the quotes inside it doubled.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Describes what is wrong with a name, or null if nothing is.</summary>
    public static string? Problem(string what, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return $"{what} is empty; give a name.";
        }
        if (PostgresText.Problem(name, out int bytes) is { } problem)
        {
            return $"{what} {problem}.";
        }
        return bytes > MaxBytes ? $"{what} '{name}' takes {bytes} bytes in UTF-8; PostgreSQL allows {MaxBytes}." : null;
    }

    /// <summary>Cuts a name to the length that PostgreSQL allows, between characters.</summary>
    /// <param name="name">The name.</param>
    /// <param name="ending">The ending that is kept whole, since it tells names apart that are cut to the same start.</param>
    public static string Fit(string name, string ending)
    {
        int room = MaxBytes - Encoding.UTF8.GetByteCount(ending);
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

using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Checks whether PostgreSQL can store a text.</summary>
internal static class PostgresText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Describes what is wrong with a text, as the end of a sentence about it, or null if nothing is.</summary>
    public static string? Problem(string text) => Problem(text, out _);

    /// <summary>Says what is wrong with a text, and otherwise counts its bytes in UTF-8.</summary>
    public static string? Problem(string text, out int bytes)
    {
        bytes = 0;
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "has a zero character, which PostgreSQL cannot store";
        }
        try
        {
            bytes = s_strict.GetByteCount(text);
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "has an unpaired surrogate, which is not valid Unicode";
        }
    }
}

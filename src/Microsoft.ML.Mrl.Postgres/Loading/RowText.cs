using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>Texts as PostgreSQL can keep them.</summary>
internal static class RowText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is wrong with a text, as the end of a sentence about it, or null.</summary>
    public static string? Problem(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "has a zero character, which PostgreSQL cannot keep";
        }
        try
        {
            s_strict.GetByteCount(text);
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "has half a surrogate pair, which is no text";
        }
    }
}

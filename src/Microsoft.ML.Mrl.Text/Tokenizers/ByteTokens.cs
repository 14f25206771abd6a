using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Tokens that stand for a byte each: &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
internal static class ByteTokens
{
    /// <summary>The tokens of a text's UTF-8 bytes; <see langword="null"/> where one is not in the vocabulary.</summary>
    public static int[]? TryFind(TokenVocabulary vocabulary, ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        int[] ids = Array.ConvertAll(bytes, b => vocabulary.Find(Name(b)));
        return Array.TrueForAll(ids, id => id >= 0) ? ids : null;
    }

    public static string Name(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
}

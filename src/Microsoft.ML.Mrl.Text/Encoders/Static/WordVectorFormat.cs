namespace Microsoft.ML.Mrl;

/// <summary>Specifies the format of a file of word vectors.</summary>
public enum WordVectorFormat
{
    /// <summary>The file's name decides: <c>.bin</c> is word2vec's binary format, and every other name is text.</summary>
    ByName,

    /// <summary>
    /// Each line holds a word and its values, separated by spaces: GloVe's format, and word2vec's text format, which begins with a line of
    /// counts.
    /// </summary>
    Text,

    /// <summary>
    /// word2vec's binary format: a line of counts, then each word, a space, and its values as single-precision numbers.
    /// </summary>
    Binary,
}

namespace Microsoft.ML.Mrl;

/// <summary>How word vectors are written in a file.</summary>
public enum WordVectorFormat
{
    /// <summary>As its name says: <c>.bin</c> is word2vec's binary form, all else is text.</summary>
    ByName,

    /// <summary>A word and its values a line, parted by blanks: GloVe, and word2vec's text form with its line of counts.</summary>
    Text,

    /// <summary>word2vec's binary form: a line of counts, then each word, a blank, and its values as single-precision numbers.</summary>
    Binary,
}

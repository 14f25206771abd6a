namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>A token of a Unigram model.</summary>
/// <param name="Text">Its characters.</param>
/// <param name="Score">Its log probability.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsFound">Whether it is looked for in texts.</param>
internal readonly record struct UnigramPiece(string Text, double Score, int Id, bool IsFound = true);

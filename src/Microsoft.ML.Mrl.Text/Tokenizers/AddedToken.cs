namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>A token that is found in the text itself, whatever it consists of: <c>[MASK]</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its characters.</param>
/// <param name="IsNormalized">Whether it is looked for after the text was rewritten, not before.</param>
/// <param name="IsWholeWord">Whether letters and digits beside it forbid it.</param>
/// <param name="TakesLeft">Whether white space before it belongs to it.</param>
/// <param name="TakesRight">Whether white space after it belongs to it.</param>
internal sealed record AddedToken(int Id, string Content, bool IsNormalized, bool IsWholeWord, bool TakesLeft, bool TakesRight);

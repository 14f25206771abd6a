namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>How texts become the tokens of a static encoder.</summary>
/// <param name="Encoder">Cuts them.</param>
/// <param name="Touched">Is told the rows of its table that they use.</param>
internal sealed record TextTokens(StaticTextEncoder Encoder, TouchedRows Touched) : ITextColumns
{
    public ColumnRows NewColumn() => new TokenColumnRows(this);
}

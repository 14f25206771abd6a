namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Keeps texts as the token ids of a transformer.</summary>
internal sealed record TransformerColumns(TransformerTextEncoder Encoder) : ITextColumns
{
    public ColumnRows NewColumn() => new TransformerColumnRows(Encoder);
}

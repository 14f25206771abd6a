namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>How text columns are kept for a training.</summary>
internal interface ITextColumns
{
    /// <summary>Gathers the texts of one more column.</summary>
    ColumnRows NewColumn();
}

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gathers the token ids of a text column.</summary>
internal sealed class TransformerColumnRows(TransformerTextEncoder encoder) : ColumnRows
{
    private readonly GrowingArray<int> _ids = new();
    private readonly GrowingArray<long> _ends = new();
    private ValueGetter<ReadOnlyMemory<char>>? _read;
    private ReadOnlyMemory<char> _text;

    public override void Open(DataViewRowCursor cursor, DataViewSchema.Column column) => _read = cursor.GetGetter<ReadOnlyMemory<char>>(column);

    public override void Add(long rowNumber, string place)
    {
        _read!(ref _text);
        int[] ids = encoder.Tokenize(_text.ToString());
        ids.CopyTo(_ids.Append(ids.Length));
        _ends.Add(_ids.Count);
    }

    public override VectorRows Build() => new TransformerRows(_ends.ToArray(), _ids.ToArray(), encoder);

    public override void Dispose()
    {
    }
}

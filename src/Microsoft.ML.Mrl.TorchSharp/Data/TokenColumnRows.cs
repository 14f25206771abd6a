using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gathers the tokens of a text column.</summary>
internal sealed class TokenColumnRows(TextTokens tokens) : ColumnRows
{
    private readonly TokenBag _bag = new();
    private readonly GrowingArray<long> _ends = new();
    private readonly GrowingArray<int> _counts = new();
    private readonly GrowingArray<int> _rows = new();
    private readonly GrowingArray<float> _weights = new();
    private ValueGetter<ReadOnlyMemory<char>>? _read;
    private ReadOnlyMemory<char> _text;

    public override void Open(DataViewRowCursor cursor, DataViewSchema.Column column) => _read = cursor.GetGetter<ReadOnlyMemory<char>>(column);

    public override void Add(long rowNumber, string place)
    {
        _read!(ref _text);
        tokens.Encoder.Tokenize(_text.ToString(), _bag);
        Span<int> rows = _rows.Append(_bag.Rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = tokens.Touched.NumberOf(_bag.Rows[i]);
        }
        _bag.Weights.CopyTo(_weights.Append(rows.Length));
        _ends.Add(_rows.Count);
        _counts.Add(_bag.Count);
    }

    public override VectorRows Build() => new TokenRows(_ends.ToArray(), _counts.ToArray(), _rows.ToArray(), _weights.ToArray(), tokens.Touched);

    public override void Dispose()
    {
    }
}

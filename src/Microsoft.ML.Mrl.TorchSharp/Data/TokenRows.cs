using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>The texts of one column as tokens. As vectors they are what the encoder makes of them as it came, but not rescaled.</summary>
internal sealed class TokenRows(long[] ends, int[] counts, int[] rows, float[] weights, TouchedRows touched)
    : VectorRows(counts.Length, touched.Width)
{
    /// <summary>The touched rows of a text, with their weights, and its number of tokens.</summary>
    public (ReadOnlyMemory<int> Rows, ReadOnlyMemory<float> Weights, int Count) Tokens(int row)
    {
        int start = row == 0 ? 0 : (int)ends[row - 1];
        int length = (int)ends[row] - start;
        return (rows.AsMemory(start, length), weights.AsMemory(start, length), counts[row]);
    }

    /// <summary>The texts that have no known token.</summary>
    public int CountEmpty() => counts.Count(count => count == 0);

    /// <summary>Writes a text's embedding from a table of the touched rows.</summary>
    public void Pool(int row, ReadOnlySpan<float> table, Span<float> embedding)
    {
        (ReadOnlyMemory<int> tokens, ReadOnlyMemory<float> shares, int count) = Tokens(row);
        WeightedMean.Write(tokens.Span, shares.Span, count, table, embedding.Length, embedding);
    }

    public override void CopyPrefix(int row, Span<float> destination)
    {
        if (destination.Length == Width)
        {
            Pool(row, touched.Start, destination);
            return;
        }
        Span<float> full = Width <= 1024 ? stackalloc float[Width] : new float[Width];
        Pool(row, touched.Start, full);
        full[..destination.Length].CopyTo(destination);
    }

    public override int HashOf(int row)
    {
        var hash = new StableHash();
        hash.Add(Tokens(row).Rows.Span);
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow) =>
        other is TokenRows tokens && tokens.Tokens(otherRow).Rows.Span.SequenceEqual(Tokens(row).Rows.Span);

    public override void Dispose()
    {
    }
}

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

    public override void Open(DataViewRowCursor cursor, DataViewSchema.Column column) =>
        _read = cursor.GetGetter<ReadOnlyMemory<char>>(column);

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

    public override VectorRows Build() =>
        new TokenRows(_ends.ToArray(), _counts.ToArray(), _rows.ToArray(), _weights.ToArray(), tokens.Touched);

    public override void Dispose()
    {
    }
}

/// <summary>How texts become the tokens of a static encoder.</summary>
/// <param name="Encoder">Cuts them.</param>
/// <param name="Touched">Collects the rows of the table that they use.</param>
internal sealed record TextTokens(StaticTextEncoder Encoder, TouchedRows Touched) : ITextColumns
{
    public ColumnRows NewColumn() => new TokenColumnRows(this);
}

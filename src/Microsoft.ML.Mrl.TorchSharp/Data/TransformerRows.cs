namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// The texts of one column as token ids. As vectors they are what the encoder makes of them as it came, computed when they are first asked
/// for and then kept in memory: those of the rows that scores and principal components are taken from, and all of the input's where an
/// objective compares with them.
/// </summary>
internal sealed class TransformerRows(long[] ends, int[] ids, TransformerTextEncoder encoder) : VectorRows(ends.Length, encoder.Dimensions)
{
    private readonly float[]?[] _vectors = new float[]?[ends.Length];

    /// <summary>The tokens of all texts.</summary>
    public long Tokens => ids.Length;

    /// <summary>The token ids of a text.</summary>
    public ReadOnlySpan<int> Ids(int row)
    {
        int start = row == 0 ? 0 : (int)ends[row - 1];
        return ids.AsSpan(start, (int)ends[row] - start);
    }

    /// <summary>The texts that have no tokens but those that an empty text has.</summary>
    public int CountEmpty()
    {
        int[] empty = encoder.Tokenize("");
        int count = 0;
        for (int row = 0; row < Count; row++)
        {
            count += Ids(row).SequenceEqual(empty) ? 1 : 0;
        }
        return count;
    }

    public override void Prepare(ReadOnlySpan<int> rows)
    {
        var missing = new List<int>();
        foreach (int row in rows)
        {
            if (_vectors[row] is null)
            {
                _vectors[row] = [];
                missing.Add(row);
            }
        }
        foreach (int[] part in missing.Chunk(256))
        {
            var values = new float[part.Length * Width];
            encoder.EncodeTokens([.. part.Select(row => Ids(row).ToArray())], values, CancellationToken.None);
            for (int i = 0; i < part.Length; i++)
            {
                _vectors[part[i]] = values[(i * Width)..((i + 1) * Width)];
            }
        }
    }

    public override void CopyPrefix(int row, Span<float> destination)
    {
        if (_vectors[row] is null)
        {
            Prepare([row]);
        }
        _vectors[row].AsSpan(0, destination.Length).CopyTo(destination);
    }

    public override int HashOf(int row)
    {
        var hash = new StableHash();
        hash.Add(Ids(row));
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow) =>
        other is TransformerRows texts && texts.Ids(otherRow).SequenceEqual(Ids(row));

    public override void Dispose()
    {
    }
}

/// <summary>Gathers the token ids of a text column.</summary>
internal sealed class TransformerColumnRows(TransformerTextEncoder encoder) : ColumnRows
{
    private readonly GrowingArray<int> _ids = new();
    private readonly GrowingArray<long> _ends = new();
    private ValueGetter<ReadOnlyMemory<char>>? _read;
    private ReadOnlyMemory<char> _text;

    public override void Open(DataViewRowCursor cursor, DataViewSchema.Column column) =>
        _read = cursor.GetGetter<ReadOnlyMemory<char>>(column);

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

/// <summary>Keeps texts as the token ids of a transformer.</summary>
internal sealed record TransformerColumns(TransformerTextEncoder Encoder) : ITextColumns
{
    public ColumnRows NewColumn() => new TransformerColumnRows(Encoder);
}

using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Writes embeddings as a column of lists of a Parquet file. Copied columns are text.</summary>
internal sealed class ParquetEmbeddingWriter : EmbeddingWriter
{
    private const int ValuesOfGroup = 1 << 23;

    private readonly ParquetWriter _writer;
    private readonly DataField[] _kept;
    private readonly DataField _values;
    private readonly int _rowsOfGroup;
    private readonly List<string>[] _texts;
    private readonly List<float[]> _vectors = [];

    public ParquetEmbeddingWriter(Stream stream, int dimensions, IReadOnlyList<string> kept)
    {
        CheckNames(kept, [Column]);
        _rowsOfGroup = Math.Max(1, ValuesOfGroup / dimensions);
        _kept = [.. kept.Select(name => new DataField(name, typeof(string)))];
        _values = new DataField("element", typeof(float), isNullable: false);
        _texts = [.. kept.Select(_ => new List<string>())];
        var schema = new ParquetSchema([.. _kept, new ListField(Column, _values)]);
        _writer = ParquetWriter.CreateAsync(schema, stream).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Write(IReadOnlyList<string> kept, float[] vector)
    {
        for (int i = 0; i < _texts.Length; i++)
        {
            _texts[i].Add(kept[i]);
        }
        _vectors.Add(vector);
        if (_vectors.Count == _rowsOfGroup)
        {
            WriteGroupAsync().GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        if (_vectors.Count > 0)
        {
            WriteGroupAsync().GetAwaiter().GetResult();
        }
        // The file's end is written here.
        _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private async Task WriteGroupAsync()
    {
        using ParquetRowGroupWriter group = _writer.CreateRowGroup();
        for (int i = 0; i < _kept.Length; i++)
        {
            await group.WriteAsync(_kept[i], _texts[i]);
            _texts[i].Clear();
        }
        int width = _vectors[0].Length;
        float[] values = [.. _vectors.SelectMany(vector => vector)];
        var definitions = new int[values.Length];
        Array.Fill(definitions, _values.MaxDefinitionLevel);
        int[] repetitions = [.. Enumerable.Range(0, values.Length).Select(i => i % width == 0 ? 0 : 1)];
        await group.WriteAllPartsAsync<float>(_values, values, definitions, repetitions, CancellationToken.None);
        group.CompleteValidate();
        _vectors.Clear();
    }
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Truncation;

/// <summary>A view of one column, Embedding: many dense rows, copied out of a few that come around again and again.</summary>
internal sealed class CycledVectors : MadeRows
{
    private readonly float[] _values;
    private readonly int _width;

    public CycledVectors(long rows, int distinctRows, int width, int seed)
        : base(rows, ("Embedding", new VectorDataViewType(NumberDataViewType.Single, width)))
    {
        var random = new Random(seed);
        _values = new float[distinctRows * width];
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = (float)(random.NextDouble() * 2 - 1);
        }
        _width = width;
    }

    protected override Delegate GetterOf(int column, DataViewRow row) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> vector) =>
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, _width);
        int distinctRows = _values.Length / _width;
        _values.AsSpan((int)(row.Position % distinctRows) * _width, _width).CopyTo(editor.Values);
        vector = editor.Commit();
    });
}

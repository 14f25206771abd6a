using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.OutOfCore;

/// <summary>Rows of a label and a noisy vector around the label's centre.</summary>
internal sealed class GeneratedRows : MadeRows
{
    private const int Labels = 20;
    private const int NoiseNumbers = 1 << 20;

    private readonly int _width;
    private readonly float[] _centres;
    private readonly float[] _noise;

    public GeneratedRows(long rows, int width, int seed)
        : base(rows, ("Input", new VectorDataViewType(NumberDataViewType.Single, width)), ("Label", NumberDataViewType.Int32))
    {
        _width = width;
        var random = new Random(seed);
        _centres = [.. Enumerable.Range(0, Labels * width).Select(_ => random.NextSingle() - 0.5f)];
        _noise = [.. Enumerable.Range(0, NoiseNumbers + width).Select(_ => (random.NextSingle() - 0.5f) * 4)];
    }

    protected override Delegate GetterOf(int column, DataViewRow row) => column == 0
        ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> vector) => Write(row.Position, ref vector))
        : (ValueGetter<int>)((ref int label) => label = LabelOf(row.Position));

    private static int LabelOf(long row) => (int)(row % Labels);

    private void Write(long row, ref VBuffer<float> vector)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, _width);
        ulong mixed = ((ulong)row + 1) * 0x9E3779B97F4A7C15;
        ReadOnlySpan<float> noise = _noise.AsSpan((int)(mixed >> 44), _width);
        ReadOnlySpan<float> centre = _centres.AsSpan(LabelOf(row) * _width, _width);
        for (int i = 0; i < noise.Length; i++)
        {
            editor.Values[i] = centre[i] + noise[i];
        }
        editor.Values[0] += (uint)mixed * 1e-9f;
        vector = editor.Commit();
    }
}

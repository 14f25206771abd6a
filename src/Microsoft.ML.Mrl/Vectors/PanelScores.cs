using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// Computes dot products of rows with a few fixed vectors, such as the weights of classes. The fixed ones are packed in panels of 32 lanes,
/// the last of 16 where that is enough, <c>[columns, lanes]</c>, and each value of a row is broadcast; rows are read where they lie.
/// </summary>
/// <remarks>
/// A lane is summed over the columns in ascending order, so a row has the same bits alone and among others.
/// </remarks>
internal sealed unsafe class PanelScores
{
    /// <summary>The rows that share a pass over the panels.</summary>
    public const int RowsAtOnce = 8;

    /// <summary>The multiple that the number of packed vectors is rounded up to.</summary>
    public const int Lanes = 16;

    private const int Panel = 2 * Lanes;

    // Pinned, so that panels begin at whole cache lines.
    private readonly float[] _values;
    private readonly float* _panels;
    private readonly int _columns;

    /// <param name="vectors">The fixed vectors, <c>[count, columns]</c>.</param>
    /// <param name="count">The number of them.</param>
    /// <param name="columns">Their width.</param>
    public PanelScores(ReadOnlySpan<float> vectors, int count, int columns)
    {
        _columns = columns;
        Stride = checked(count + Lanes - 1) / Lanes * Lanes;
        _values = GC.AllocateArray<float>(checked((Stride * columns) + Lanes), pinned: true);
        _panels = (float*)(((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values)) + 63) & ~63);
        for (int i = 0; i < count; i++)
        {
            int first = i / Panel * Panel, lanes = Math.Min(Panel, Stride - first);
            float* target = _panels + ((nint)first * columns) + (i - first);
            for (int c = 0; c < columns; c++)
            {
                target[(nint)c * lanes] = vectors[(i * columns) + c];
            }
        }
    }

    /// <summary>Gets the number of scores of a row: that of the packed vectors, rounded up to whole lanes of zeros.</summary>
    public int Stride { get; }

    /// <summary>Returns one of the fixed vectors.</summary>
    public float[] Vector(int index)
    {
        int first = index / Panel * Panel, lanes = Math.Min(Panel, Stride - first);
        float* source = _panels + ((nint)first * _columns) + (index - first);
        var vector = new float[_columns];
        for (int c = 0; c < vector.Length; c++)
        {
            vector[c] = source[(nint)c * lanes];
        }
        GC.KeepAlive(this);
        return vector;
    }

    /// <summary>The dot products of up to 8 rows with all the packed vectors.</summary>
    /// <param name="rows">8 pointers to the rows' columns. Those beyond the count may repeat others.</param>
    /// <param name="count">The number of rows, 1..8.</param>
    /// <param name="scores">Room for 8 rows of <see cref="Stride"/>, or for one where there is one.</param>
    public void Multiply(float** rows, int count, float* scores)
    {
        // Without vectors of 512 bits there are too few registers for the sums of several rows.
        if (count <= 2 || !Vector512.IsHardwareAccelerated)
        {
            for (int row = 0; row < count; row++)
            {
                MultiplyOne(rows[row], _panels, scores + (row * Stride));
            }
        }
        else
        {
            int first = 0;
            for (; first + Panel <= Stride; first += Panel)
            {
                Wide(rows, _panels + ((nint)first * _columns), _columns, scores + first, Stride);
            }
            if (first < Stride)
            {
                Narrow(rows, _panels + ((nint)first * _columns), _columns, scores + first, Stride);
            }
        }
        GC.KeepAlive(this);
    }

    private void MultiplyOne(float* row, float* panel, float* scores)
    {
        int first = 0;
        for (; first + (2 * Panel) <= Stride; first += 2 * Panel)
        {
            TwoPanels(row, panel, panel + ((nint)_columns * Panel), _columns, scores + first);
            panel += (nint)_columns * 2 * Panel;
        }
        for (; first + Panel <= Stride; first += Panel)
        {
            OnePanel(row, panel, _columns, scores + first);
            panel += (nint)_columns * Panel;
        }
        if (first < Stride)
        {
            Vector512<float> sum = default;
            for (int c = 0; c < _columns; c++)
            {
                sum = Fused.MultiplyAdd(Vector512.Create(row[c]), Vector512.Load(panel + (c * Lanes)), sum);
            }
            sum.Store(scores + first);
        }
    }

    private static void OnePanel(float* row, float* panel, int columns, float* scores)
    {
        Vector512<float> low = default, high = default;
        for (int c = 0; c < columns; c++)
        {
            var x = Vector512.Create(row[c]);
            low = Fused.MultiplyAdd(x, Vector512.Load(panel), low);
            high = Fused.MultiplyAdd(x, Vector512.Load(panel + Lanes), high);
            panel += Panel;
        }
        low.Store(scores);
        high.Store(scores + Lanes);
    }

    // Four sums at once: one alone would wait for each of its multiply-adds.
    private static void TwoPanels(float* row, float* panel, float* next, int columns, float* scores)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int c = 0; c < columns; c++)
        {
            var x = Vector512.Create(row[c]);
            s0 = Fused.MultiplyAdd(x, Vector512.Load(panel), s0);
            s1 = Fused.MultiplyAdd(x, Vector512.Load(panel + Lanes), s1);
            s2 = Fused.MultiplyAdd(x, Vector512.Load(next), s2);
            s3 = Fused.MultiplyAdd(x, Vector512.Load(next + Lanes), s3);
            panel += Panel;
            next += Panel;
        }
        s0.Store(scores);
        s1.Store(scores + Lanes);
        s2.Store(scores + Panel);
        s3.Store(scores + Panel + Lanes);
    }

    private static void Wide(float** rows, float* panel, int columns, float* scores, int stride)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        for (nint c = 0; c < columns; c++)
        {
            var low = Vector512.Load(panel);
            var high = Vector512.Load(panel + Lanes);
            var x = Vector512.Create(r0[c]);
            s0 = Fused.MultiplyAdd(x, low, s0);
            t0 = Fused.MultiplyAdd(x, high, t0);
            x = Vector512.Create(r1[c]);
            s1 = Fused.MultiplyAdd(x, low, s1);
            t1 = Fused.MultiplyAdd(x, high, t1);
            x = Vector512.Create(r2[c]);
            s2 = Fused.MultiplyAdd(x, low, s2);
            t2 = Fused.MultiplyAdd(x, high, t2);
            x = Vector512.Create(r3[c]);
            s3 = Fused.MultiplyAdd(x, low, s3);
            t3 = Fused.MultiplyAdd(x, high, t3);
            x = Vector512.Create(r4[c]);
            s4 = Fused.MultiplyAdd(x, low, s4);
            t4 = Fused.MultiplyAdd(x, high, t4);
            x = Vector512.Create(r5[c]);
            s5 = Fused.MultiplyAdd(x, low, s5);
            t5 = Fused.MultiplyAdd(x, high, t5);
            x = Vector512.Create(r6[c]);
            s6 = Fused.MultiplyAdd(x, low, s6);
            t6 = Fused.MultiplyAdd(x, high, t6);
            x = Vector512.Create(r7[c]);
            s7 = Fused.MultiplyAdd(x, low, s7);
            t7 = Fused.MultiplyAdd(x, high, t7);
            panel += Panel;
        }
        Put(ref scores, stride, s0, t0);
        Put(ref scores, stride, s1, t1);
        Put(ref scores, stride, s2, t2);
        Put(ref scores, stride, s3, t3);
        Put(ref scores, stride, s4, t4);
        Put(ref scores, stride, s5, t5);
        Put(ref scores, stride, s6, t6);
        Put(ref scores, stride, s7, t7);
    }

    private static void Narrow(float** rows, float* panel, int columns, float* scores, int stride)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        for (nint c = 0; c < columns; c++)
        {
            var low = Vector512.Load(panel);
            s0 = Fused.MultiplyAdd(Vector512.Create(r0[c]), low, s0);
            s1 = Fused.MultiplyAdd(Vector512.Create(r1[c]), low, s1);
            s2 = Fused.MultiplyAdd(Vector512.Create(r2[c]), low, s2);
            s3 = Fused.MultiplyAdd(Vector512.Create(r3[c]), low, s3);
            s4 = Fused.MultiplyAdd(Vector512.Create(r4[c]), low, s4);
            s5 = Fused.MultiplyAdd(Vector512.Create(r5[c]), low, s5);
            s6 = Fused.MultiplyAdd(Vector512.Create(r6[c]), low, s6);
            s7 = Fused.MultiplyAdd(Vector512.Create(r7[c]), low, s7);
            panel += Lanes;
        }
        s0.Store(scores);
        s1.Store(scores + stride);
        s2.Store(scores + (2 * stride));
        s3.Store(scores + (3 * stride));
        s4.Store(scores + (4 * stride));
        s5.Store(scores + (5 * stride));
        s6.Store(scores + (6 * stride));
        s7.Store(scores + (7 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float* scores, int stride, Vector512<float> low, Vector512<float> high)
    {
        low.Store(scores);
        high.Store(scores + Lanes);
        scores += stride;
    }
}

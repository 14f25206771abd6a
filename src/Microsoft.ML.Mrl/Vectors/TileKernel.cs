using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// Computes one tile of 8 queries by 32 documents. The lanes of a vector are documents; each query value is broadcast; the sums stay in
/// registers while the columns go by.
/// </summary>
/// <remarks>
/// Products and additions in a lane are in the same order for every vector width and rounded once, so every machine has the same bits.
/// </remarks>
internal static unsafe class TileKernel
{
    private const int Queries = PrefixDotProducts.TileQueries;
    private const int Documents = PrefixDotProducts.PanelDocuments;
    private const float AlmostOne = 1 - 1e-6f;

    /// <summary>Adds the dot products over some columns to the sums.</summary>
    /// <param name="query">Query values, <c>[columns, 8]</c>.</param>
    /// <param name="document">Document values, <c>[columns, 32]</c>.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="sums">The sums to add to, <c>[8, 32]</c>.</param>
    public static void Accumulate(float* query, float* document, int columns, float* sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Accumulate512(query, document, columns, sums);
        }
        else
        {
            Accumulate256(query, document, columns, sums);
        }
    }

    /// <summary>Turns dot products into cosines by the inverse lengths of both sides.</summary>
    /// <param name="sums">Dot products, <c>[8, 32]</c>.</param>
    /// <param name="queryInverses">Of the queries, <c>[8]</c>.</param>
    /// <param name="documentInverses">Of the documents, <c>[32]</c>.</param>
    /// <param name="cosines">The result, <c>[8, 32]</c>.</param>
    public static void Rescale(float* sums, float* queryInverses, float* documentInverses, float* cosines)
    {
        var low = Vector512.Load(documentInverses);
        var high = Vector512.Load(documentInverses + 16);
        for (int q = 0; q < Queries; q++)
        {
            var inverse = Vector512.Create(queryInverses[q]);
            (Vector512.Load(sums) * low * inverse).Store(cosines);
            (Vector512.Load(sums + 16) * high * inverse).Store(cosines + 16);
            sums += Documents;
            cosines += Documents;
        }
    }

    /// <summary>
    /// Turns dot products into cosines as <see cref="Rescale"/> does, but writes only the rows that have a cosine above the threshold of
    /// their query.
    /// </summary>
    /// <param name="sums">Dot products, <c>[8, 32]</c>.</param>
    /// <param name="queryInverses">Of the queries, <c>[8]</c>.</param>
    /// <param name="documentInverses">Of the documents, <c>[32]</c>.</param>
    /// <param name="thresholds">Of the queries, <c>[8]</c>.</param>
    /// <param name="cosines">The result, <c>[8, 32]</c>.</param>
    /// <returns>A bit for each query whose row was written.</returns>
    public static uint RescaleAbove(float* sums, float* queryInverses, float* documentInverses, float* thresholds, float* cosines)
    {
        var low = Vector512.Load(documentInverses);
        var high = Vector512.Load(documentInverses + 16);
        uint written = 0;
        for (int q = 0; q < Queries; q++)
        {
            var inverse = Vector512.Create(queryInverses[q]);
            Vector512<float> first = Vector512.Load(sums + (q * Documents)) * low * inverse;
            Vector512<float> second = Vector512.Load(sums + (q * Documents) + 16) * high * inverse;
            var threshold = Vector512.Create(thresholds[q]);
            ulong above = Vector512.GreaterThan(first, threshold).ExtractMostSignificantBits()
                | Vector512.GreaterThan(second, threshold).ExtractMostSignificantBits();
            if (above != 0)
            {
                first.Store(cosines + (q * Documents));
                second.Store(cosines + (q * Documents) + 16);
                written |= 1u << q;
            }
        }
        return written;
    }

    /// <summary>
    /// Makes cosines next to 1 or -1 exactly that. With one value left all cosines are -1, 0 or 1, and rounding must not rank them.
    /// </summary>
    /// <param name="cosines">The cosines to change, <c>[8, 32]</c>.</param>
    public static void SnapToOne(float* cosines)
    {
        for (int i = 0; i < Queries * Documents; i++)
        {
            cosines[i] = SnapToOne(cosines[i]);
        }
    }

    /// <inheritdoc cref="SnapToOne(float*)"/>
    public static float SnapToOne(float cosine) => MathF.Abs(cosine) > AlmostOne ? MathF.Sign(cosine) : cosine;

    internal static void Accumulate512(float* query, float* document, int columns, float* sums)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
        for (int c = 0; c < columns; c++)
        {
            var low = Vector512.Load(document);
            var high = Vector512.Load(document + 16);
            var q = Vector512.Create(query[0]);
            s0 = Fused.MultiplyAdd(q, low, s0);
            t0 = Fused.MultiplyAdd(q, high, t0);
            q = Vector512.Create(query[1]);
            s1 = Fused.MultiplyAdd(q, low, s1);
            t1 = Fused.MultiplyAdd(q, high, t1);
            q = Vector512.Create(query[2]);
            s2 = Fused.MultiplyAdd(q, low, s2);
            t2 = Fused.MultiplyAdd(q, high, t2);
            q = Vector512.Create(query[3]);
            s3 = Fused.MultiplyAdd(q, low, s3);
            t3 = Fused.MultiplyAdd(q, high, t3);
            q = Vector512.Create(query[4]);
            s4 = Fused.MultiplyAdd(q, low, s4);
            t4 = Fused.MultiplyAdd(q, high, t4);
            q = Vector512.Create(query[5]);
            s5 = Fused.MultiplyAdd(q, low, s5);
            t5 = Fused.MultiplyAdd(q, high, t5);
            q = Vector512.Create(query[6]);
            s6 = Fused.MultiplyAdd(q, low, s6);
            t6 = Fused.MultiplyAdd(q, high, t6);
            q = Vector512.Create(query[7]);
            s7 = Fused.MultiplyAdd(q, low, s7);
            t7 = Fused.MultiplyAdd(q, high, t7);
            query += Queries;
            document += Documents;
        }
        Add(sums, 0, s0, t0);
        Add(sums, 1, s1, t1);
        Add(sums, 2, s2, t2);
        Add(sums, 3, s3, t3);
        Add(sums, 4, s4, t4);
        Add(sums, 5, s5, t5);
        Add(sums, 6, s6, t6);
        Add(sums, 7, s7, t7);
    }

    // Half the registers: a quarter of the tile at a time, 4 queries by 16 documents.
    internal static void Accumulate256(float* query, float* document, int columns, float* sums)
    {
        for (int firstQuery = 0; firstQuery < Queries; firstQuery += 4)
        {
            for (int firstDocument = 0; firstDocument < Documents; firstDocument += 16)
            {
                AccumulateQuarter(query + firstQuery, document + firstDocument, columns, sums + (firstQuery * Documents) + firstDocument);
            }
        }
    }

    private static void AccumulateQuarter(float* query, float* document, int columns, float* sums)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector256<float> t0 = default, t1 = default, t2 = default, t3 = default;
        for (int c = 0; c < columns; c++)
        {
            var low = Vector256.Load(document);
            var high = Vector256.Load(document + 8);
            var q = Vector256.Create(query[0]);
            s0 = Fused.MultiplyAdd(q, low, s0);
            t0 = Fused.MultiplyAdd(q, high, t0);
            q = Vector256.Create(query[1]);
            s1 = Fused.MultiplyAdd(q, low, s1);
            t1 = Fused.MultiplyAdd(q, high, t1);
            q = Vector256.Create(query[2]);
            s2 = Fused.MultiplyAdd(q, low, s2);
            t2 = Fused.MultiplyAdd(q, high, t2);
            q = Vector256.Create(query[3]);
            s3 = Fused.MultiplyAdd(q, low, s3);
            t3 = Fused.MultiplyAdd(q, high, t3);
            query += Queries;
            document += Documents;
        }
        Add(sums, 0, s0, t0);
        Add(sums, 1, s1, t1);
        Add(sums, 2, s2, t2);
        Add(sums, 3, s3, t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* sums, int query, Vector512<float> low, Vector512<float> high)
    {
        float* row = sums + (query * Documents);
        (Vector512.Load(row) + low).Store(row);
        (Vector512.Load(row + 16) + high).Store(row + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* sums, int query, Vector256<float> low, Vector256<float> high)
    {
        float* row = sums + (query * Documents);
        (Vector256.Load(row) + low).Store(row);
        (Vector256.Load(row + 8) + high).Store(row + 8);
    }
}

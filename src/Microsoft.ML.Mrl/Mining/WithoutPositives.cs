namespace Microsoft.ML.Mrl;

/// <summary>Hands cosines on to the nearest neighbours, but not those of an anchor's own positives.</summary>
/// <param name="nearest">What keeps the nearest documents, for one dimension.</param>
/// <param name="positives">For each anchor its positives, ascending.</param>
internal sealed class WithoutPositives(TopNeighbors nearest, int[][] positives) : ICosineSink
{
    // Documents come in rising order, so one position for each anchor finds its next positive.
    private readonly int[] _next = new int[positives.Length];

    public void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        Span<float> changed = stackalloc float[PrefixDotProducts.PanelDocuments];
        for (int q = 0; q < queries; q++)
        {
            int anchor = firstQuery + q;
            scoped ReadOnlySpan<float> row = cosines.Slice(q * PrefixDotProducts.PanelDocuments, PrefixDotProducts.PanelDocuments);
            int[] own = positives[anchor];
            int next = _next[anchor];
            if (next < own.Length && own[next] < firstDocument + documents)
            {
                row.CopyTo(changed);
                for (; next < own.Length && own[next] < firstDocument + documents; next++)
                {
                    // Not above any threshold.
                    changed[own[next] - firstDocument] = float.NaN;
                }
                _next[anchor] = next;
                row = changed;
            }
            nearest.AcceptRow(dimension, anchor, firstDocument, documents, row);
        }
    }
}

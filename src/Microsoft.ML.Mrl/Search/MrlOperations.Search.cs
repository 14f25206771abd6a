using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

public sealed partial class MrlOperations
{
    /// <summary>Builds an index over the vectors of a column, which finds those nearest to a query by cosine.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="embeddingColumnName">The vectors, a known-size vector of Single, <c>[N, D]</c>; read once, in the order of the view.</param>
    /// <param name="idColumnName">
    /// The ids, integers or keys, no two equal; a key counts from 1, as ML.NET stores it. Default <see langword="null"/>: the rows' numbers, from 0.
    /// </param>
    /// <param name="options">
    /// Widths, plan and threads. Default: those of a new <see cref="FunnelIndexOptions"/>; widths left out are the trained dimensions that the column's annotations name.
    /// </param>
    /// <returns>The index; dispose of it when it is no longer needed. A view without rows makes one without rows.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or the column's name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, or a width is above D.</exception>
    /// <exception cref="ArgumentException">An id is there twice, or the plan does not fit the widths.</exception>
    /// <exception cref="InvalidOperationException">A vector has a NaN or an infinity, or an id is missing.</exception>
    public FunnelIndex BuildFunnelIndex(IDataView data, string embeddingColumnName, string? idColumnName = null, FunnelIndexOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        FunnelIndex index = FunnelView.Build(data, embeddingColumnName, idColumnName, options ?? new FunnelIndexOptions());
        using IChannel channel = _environment.Start("Index");
        channel.Info("{0} rows of {1} values, compared at {2}.", index.Count, index.Dimensions, index.Widths);
        return index;
    }
}

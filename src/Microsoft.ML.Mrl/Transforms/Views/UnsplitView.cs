using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms.Views;

/// <summary>Represents the view of a transform whose work on a row is less than it costs to pass the row to another thread.</summary>
/// <remarks>
/// ML.NET's own row-mapper view always splits its source over threads, copying every source row to them and every result back. This one
/// computes a row where it is asked for, and is split only if its source is.
/// </remarks>
internal sealed class UnsplitView(IHostEnvironment environment, RowToRowMapperTransform mapped)
    : MappedView(environment, nameof(UnsplitView), mapped)
{
    protected override MappedView Over(IHostEnvironment environment, RowToRowMapperTransform mapped) =>
        new UnsplitView(environment, mapped);
}

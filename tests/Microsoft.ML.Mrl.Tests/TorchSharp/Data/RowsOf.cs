using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

/// <summary>Rows made of given numbers.</summary>
internal static class RowsOf
{
    /// <summary>Rows in memory, <c>[N, D]</c>.</summary>
    public static DenseRows Dense(float[] values, int count, int width)
    {
        var store = new RowStore(width, new RowStorage(long.MaxValue, Path.GetTempPath()), RowStorage.Purpose.Vectors);
        store.Append(values.AsSpan(0, count * width));
        store.Complete();
        return new DenseRows(store);
    }
}

using System.Runtime.InteropServices;
using Cloud.Unum.USearch;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>The C interface of the native library that Cloud.Unum.USearch brings (usearch.h of version 2.26).</summary>
/// <remarks>
/// The package's own class takes arrays and files alone. Here vectors are spans, and graphs are read from and written to memory,
/// so that a file never reaches native code unchecked.
/// </remarks>
internal static unsafe partial class UsearchNative
{
    private const string Library = "libusearch_c";

    [LibraryImport(Library, EntryPoint = "usearch_init")]
    public static partial nint Create(InitOptions* options, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_free")]
    public static partial void Free(nint index, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_reserve")]
    public static partial void Reserve(GraphHandle index, nuint capacity, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_change_threads_add")]
    public static partial void ChangeThreadsOfAdd(GraphHandle index, nuint threads, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_change_threads_search")]
    public static partial void ChangeThreadsOfSearch(GraphHandle index, nuint threads, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_add")]
    public static partial void Add(GraphHandle index, ulong key, byte* vector, ScalarKind kind, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_search")]
    public static partial nuint Search(
        GraphHandle index, byte* query, ScalarKind kind, nuint count, ulong* keys, float* distances, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_remove")]
    public static partial nuint Remove(GraphHandle index, ulong key, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_size")]
    public static partial nuint Size(GraphHandle index, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_dimensions")]
    public static partial nuint Dimensions(GraphHandle index, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_serialized_length")]
    public static partial nuint SerializedLength(GraphHandle index, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_save_buffer")]
    public static partial void Save(GraphHandle index, byte* buffer, nuint length, out nint error);

    [LibraryImport(Library, EntryPoint = "usearch_load_buffer")]
    public static partial void Load(GraphHandle index, byte* buffer, nuint length, out nint error);

    /// <exception cref="InvalidOperationException">The library reported an error.</exception>
    public static void Check(nint error, string what)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"USearch could not {what}: {Marshal.PtrToStringUTF8(error)}.");
        }
    }

    /// <summary>usearch_init_options_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InitOptions
    {
        public MetricKind Metric;
        public nint MetricFunction;
        public ScalarKind Scalar;
        public ulong Dimensions;
        public ulong Connectivity;
        public ulong ExpansionOfAdd;
        public ulong ExpansionOfSearch;
        public byte IsMulti;
    }
}

/// <summary>Owns a graph; freed once it is disposed of and no call uses it.</summary>
internal sealed class GraphHandle : SafeHandle
{
    public GraphHandle(nint graph)
        : base(0, ownsHandle: true) => SetHandle(graph);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        UsearchNative.Free(handle, out _);
        return true;
    }
}

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Rows in memory, in chunks. What is appended makes a new store that shares the chunks; rows beyond a snapshot's count are seen
/// by nobody.</summary>
internal sealed unsafe class MemoryRows : RowStore
{
    private const int ChunkBits = 12;
    private const int ChunkRows = 1 << ChunkBits;
    private const int SmallestChunk = 32;
    private const int Alignment = 64;

    private readonly Chunk[] _chunks;

    public MemoryRows(int dimensions)
        : this(dimensions, [])
    {
    }

    private MemoryRows(int dimensions, Chunk[] chunks)
        : base(dimensions) => _chunks = chunks;

    public override long IdOf(int position) => _chunks[position >> ChunkBits].Ids[position & (ChunkRows - 1)];

    public override bool IsAlive(int position) => !Volatile.Read(ref _chunks[position >> ChunkBits].Removed[position & (ChunkRows - 1)]);

    public override float* Rows(int first, int count, float* room)
        => _chunks[first >> ChunkBits].Start + ((nint)(first & (ChunkRows - 1)) * Stride);

    /// <summary>Marks a row as removed, for all stores that share it.</summary>
    public void Remove(int position) => Volatile.Write(ref _chunks[position >> ChunkBits].Removed[position & (ChunkRows - 1)], true);

    /// <summary>Adds rows behind those that there are.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="ids">The ids of those to add.</param>
    /// <param name="write">Writes a row, counted from 0.</param>
    public MemoryRows Append(int count, ReadOnlySpan<long> ids, RowWriter write)
    {
        Chunk[] chunks = _chunks;
        for (int added = 0; added < ids.Length;)
        {
            int chunk = (count + added) >> ChunkBits, row = (count + added) & (ChunkRows - 1);
            int rows = Math.Min(ids.Length - added, ChunkRows - row);
            if (chunk == chunks.Length)
            {
                chunks = [.. chunks, new Chunk(rows, Stride)];
            }
            else if (row + rows > chunks[chunk].Ids.Length)
            {
                chunks = [.. chunks[..chunk], chunks[chunk].Grown(row, row + rows, Stride)];
            }
            Chunk target = chunks[chunk];
            for (int i = 0; i < rows; i++)
            {
                target.Ids[row + i] = ids[added + i];
                target.Removed[row + i] = false;
                write(added + i, new Span<float>(target.Start + ((nint)(row + i) * Stride), Stride));
            }
            added += rows;
        }
        return new MemoryRows(Dimensions, chunks);
    }

    /// <summary>Writes a row of the store's stride.</summary>
    internal delegate void RowWriter(int row, Span<float> target);

    private sealed class Chunk
    {
        private readonly float[] _values;

        public Chunk(int rows, int stride)
        {
            rows = Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows), SmallestChunk, ChunkRows);
            // Pinned, so that its address can be aligned and kept.
            _values = GC.AllocateUninitializedArray<float>((rows * stride) + (Alignment / sizeof(float)), pinned: true);
            fixed (float* start = _values)
            {
                Start = (float*)(((nint)start + Alignment - 1) / Alignment * Alignment);
            }
            Ids = new long[rows];
            Removed = new bool[rows];
        }

        public float* Start { get; }

        public long[] Ids { get; }

        public bool[] Removed { get; }

        public Chunk Grown(int used, int rows, int stride)
        {
            var larger = new Chunk(Math.Min(ChunkRows, Math.Max(rows, 2 * used)), stride);
            new ReadOnlySpan<float>(Start, used * stride).CopyTo(new Span<float>(larger.Start, used * stride));
            Ids.AsSpan(0, used).CopyTo(larger.Ids);
            Removed.AsSpan(0, used).CopyTo(larger.Removed);
            GC.KeepAlive(this);
            return larger;
        }
    }
}

using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Unmanaged memory of zeros, aligned to whole vectors; freed when it is disposed of and nobody holds a reference to the handle.</summary>
internal sealed unsafe class NativeBlock : SafeHandle
{
    private const nuint Alignment = 64;

    private NativeBlock(nint memory)
        : base(0, ownsHandle: true)
    {
        SetHandle(memory);
    }

    public override bool IsInvalid => handle == 0;

    public byte* Start => (byte*)handle;

    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public static NativeBlock Allocate(long bytes)
    {
        void* memory = NativeMemory.AlignedAlloc(checked((nuint)bytes), LargePages.AlignmentFor(bytes, Alignment));
        LargePages.Advise(memory, bytes);
        NativeMemory.Clear(memory, (nuint)bytes);
        return new NativeBlock((nint)memory);
    }

    /// <summary>Reads so many bytes. The memory grows with what really arrives, so that a damaged length cannot ask for gigabytes.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before.</exception>
    public static NativeBlock Read(Stream stream, long bytes, Action<byte[], int> tell)
    {
        const int Step = 1 << 20;
        if (stream.CanSeek && stream.Length - stream.Position < bytes)
        {
            throw new EndOfStreamException();
        }
        var buffer = new byte[Step];
        long have = 0, room = stream.CanSeek ? bytes : Math.Min(bytes, Step);
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(room, 1), LargePages.AlignmentFor(room, Alignment));
        LargePages.Advise(memory, room);
        try
        {
            while (have < bytes)
            {
                int part = (int)Math.Min(bytes - have, Step);
                stream.ReadExactly(buffer, 0, part);
                tell(buffer, part);
                if (have + part > room)
                {
                    room = Math.Min(bytes, Math.Max(2 * room, have + part));
                    memory = (byte*)NativeMemory.AlignedRealloc(memory, (nuint)room, Alignment);
                }
                buffer.AsSpan(0, part).CopyTo(new Span<byte>(memory + have, part));
                have += part;
            }
            return new NativeBlock((nint)memory);
        }
        catch
        {
            NativeMemory.AlignedFree(memory);
            throw;
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>
/// Represents a hash of all rows so far, h(n) = SHA-256(h(n−1), row n). It can be continued from a stored value and does not depend on the
/// chunks.
/// </summary>
internal sealed class RowChain : IDisposable
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _state = new byte[Bytes];

    /// <summary>Starts with the hash of no rows, or with a stored hash.</summary>
    public RowChain(ReadOnlySpan<byte> state = default)
    {
        if (!state.IsEmpty)
        {
            state.CopyTo(_state);
        }
    }

    public byte[] ToArray() => (byte[])_state.Clone();

    public bool Is(ReadOnlySpan<byte> state) => state.SequenceEqual(_state);

    /// <summary>Adds a row of an id, its vector (empty for none) and its other values.</summary>
    public void Add(string id, ReadOnlySpan<float> vector, ReadOnlySpan<object> values)
    {
        _hash.AppendData(_state);
        Append(id);
        _hash.AppendData(MemoryMarshal.AsBytes(vector));
        foreach (object value in values)
        {
            Append(value);
        }
        _hash.GetHashAndReset(_state);
    }

    public void Dispose() => _hash.Dispose();

    private void Append(object value)
    {
        long bits = 0;
        switch (value)
        {
            case string text:
                Append(text);
                return;
            case bool truth:
                bits = truth ? 1 : 0;
                break;
            case int or long:
                bits = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                break;
            case float single:
                bits = BitConverter.SingleToInt32Bits(single);
                break;
            case double number:
                bits = BitConverter.DoubleToInt64Bits(number);
                break;
            case DateTime time:
                bits = time.Ticks;
                break;
            default:
                throw new InvalidOperationException($"A {value.GetType().Name} has no hash.");
        }
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bits);
        _hash.AppendData(bytes);
    }

    private void Append(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Text;

/// <summary>Holds the texts of some rows, and their embeddings once one of them is requested.</summary>
internal sealed class EncodedColumn
{
    private const int TextsAThread = 32;

    private readonly TextEncoder _encoder;
    private readonly string? _prompt;
    private readonly CancellationToken _cancellationToken;
    private readonly ValueGetter<ReadOnlyMemory<char>> _read;
    private readonly List<string> _texts = [];
    private float[] _embeddings = [];
    private bool _isEncoded;

    public EncodedColumn(
        TextEncoder encoder, string? prompt, DataViewRow source, DataViewSchema.Column column, CancellationToken cancellationToken)
    {
        _encoder = encoder;
        _prompt = prompt;
        _cancellationToken = cancellationToken;
        _read = source.GetGetter<ReadOnlyMemory<char>>(column);
    }

    /// <summary>Forgets the texts.</summary>
    public void Clear()
    {
        _texts.Clear();
        _isEncoded = false;
    }

    /// <summary>Adds the text of the row that the source is at.</summary>
    /// <returns>The number of bytes of the text.</returns>
    public long Read()
    {
        ReadOnlyMemory<char> text = default;
        _read(ref text);
        _texts.Add(text.ToString());
        return (long)sizeof(char) * text.Length;
    }

    /// <summary>Returns the embedding of the text at the slot that <paramref name="slot"/> gives.</summary>
    public ValueGetter<VBuffer<float>> MakeGetter(Func<int> slot) => (ref VBuffer<float> value) =>
    {
        int width = _encoder.Dimensions;
        // Looked up first: it is where a cursor that is not at a row says so.
        int at = slot();
        Encode();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, width);
        _embeddings.AsSpan(at * width, width).CopyTo(editor.Values);
        value = editor.Commit();
    };

    private void Encode()
    {
        if (_isEncoded)
        {
            return;
        }
        int length = _texts.Count * _encoder.Dimensions;
        if (_embeddings.Length < length)
        {
            _embeddings = new float[length];
        }
        if (_encoder.UsesOneThread && _texts.Count >= 2 * TextsAThread)
        {
            EncodeOnAllCores();
        }
        else
        {
            _encoder.Encode(_texts, _embeddings.AsSpan(0, length), _prompt, _cancellationToken);
        }
        _isEncoded = true;
    }

    private void EncodeOnAllCores()
    {
        int parts = (_texts.Count + TextsAThread - 1) / TextsAThread;
        Parallel.For(0, parts, new ParallelOptions { CancellationToken = _cancellationToken }, part =>
        {
            int start = part * TextsAThread;
            int count = Math.Min(TextsAThread, _texts.Count - start);
            int width = _encoder.Dimensions;
            _encoder.Encode(_texts.GetRange(start, count), _embeddings.AsSpan(start * width, count * width), _prompt, _cancellationToken);
        });
    }
}

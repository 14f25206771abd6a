using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.OnnxRuntime;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Runs the graph of a text encoder with ONNX Runtime, whatever inputs it has. This type is safe for concurrent use.</summary>
internal sealed class OnnxEncoderSession : IDisposable
{
    private readonly OnnxEncoderInputs _inputs;
    private readonly int _firstPosition;
    private readonly int _padId;
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    /// <param name="model">The bytes of the model.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="firstPosition">The position of a text's first token.</param>
    /// <param name="padId">The id that fills up texts for a graph of one length.</param>
    /// <exception cref="InvalidOperationException">ONNX Runtime is not there, or cannot run the graph.</exception>
    public OnnxEncoderSession(byte[] model, OnnxEncoderInputs inputs, int firstPosition, int padId)
    {
        _padId = padId;
        _inputs = inputs;
        _firstPosition = firstPosition;
        try
        {
            _session = TransformerSession.Open(model);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException($"ONNX Runtime cannot run the encoder: {e.Message}", e);
        }
    }

    /// <summary>Computes embeddings.</summary>
    /// <param name="batch">N texts.</param>
    /// <returns>The embeddings, <c>[N, D]</c>.</returns>
    public float[] Embed(TokenBatch batch)
    {
        if (_inputs.FixedRows is null && _inputs.FixedLength is null)
        {
            return Run(batch);
        }
        int rows = _inputs.FixedRows ?? batch.Rows;
        float[] all = [];
        for (int first = 0; first < batch.Rows; first += rows)
        {
            int count = Math.Min(rows, batch.Rows - first);
            float[] part = Run(batch.Filled(first, count, rows, _inputs.FixedLength ?? batch.Length, _padId));
            int width = part.Length / rows;
            all = all.Length == 0 ? new float[batch.Rows * width] : all;
            part.AsSpan(0, count * width).CopyTo(all.AsSpan(first * width));
        }
        return all;
    }

    private float[] Run(TokenBatch batch)
    {
        long[] shape = [batch.Rows, batch.Length];
        var names = new List<string>();
        var values = new List<OrtValue>();
        try
        {
            Add(_inputs.Ids, batch.Ids);
            Add(_inputs.Mask, batch.Mask);
            Add(_inputs.TokenTypes, null);
            if (_inputs.Positions is not null)
            {
                var positions = new long[batch.Ids.Length];
                for (int i = 0; i < positions.Length; i++)
                {
                    positions[i] = _firstPosition + i % batch.Length;
                }
                Add(_inputs.Positions, positions);
            }
            foreach (OnnxEncoderInputs.Cache cache in _inputs.Caches)
            {
                long[] empty = [batch.Rows, cache.Heads, 0, cache.Width];
                names.Add(cache.Name);
                values.Add(cache.Type == DataType.Float
                    ? OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), empty)
                    : OrtValue.CreateTensorValueFromMemory(Array.Empty<Float16>(), empty));
            }
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_options, names, values, [EncoderOnnx.SentenceEmbedding]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException e)
        {
            string why = _inputs.TableRows is { } rows && batch.Ids.Max() is var id && id >= rows
                ? $"The tokenizer gave the token {id}, but the graph has vectors for {rows} tokens only. Give the tokenizer of the same " +
                "model."
                : e.Message;
            throw new InvalidOperationException($"ONNX Runtime failed on {batch.Rows} texts of {batch.Length} tokens: {why}", e);
        }
        finally
        {
            foreach (OrtValue value in values)
            {
                value.Dispose();
            }
        }

        void Add(OnnxEncoderInputs.Tokens? input, long[]? numbers)
        {
            if (input is null)
            {
                return;
            }
            numbers ??= new long[batch.Ids.Length];
            names.Add(input.Name);
            values.Add(input.Type == DataType.Int64
                ? OrtValue.CreateTensorValueFromMemory(numbers, shape)
                : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(numbers, number => (int)number), shape));
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}

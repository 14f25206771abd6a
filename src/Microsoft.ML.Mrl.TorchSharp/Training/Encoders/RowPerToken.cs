using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Gives every token of a static encoder a row of its own, as narrow as the embeddings and with a weight of 1, so that it can learn alone.
/// </summary>
internal static class RowPerToken
{
    /// <summary>The encoder itself, or one with the same embeddings; those that are cut after unit length get it after the cut.</summary>
    /// <exception cref="InvalidOperationException">The rows do not fit one array.</exception>
    /// <exception cref="NotSupportedException">Dense modules follow the table.</exception>
    public static StaticTextEncoder Of(StaticTextEncoder encoder)
    {
        if (encoder.Content.Steps.Count > 0)
        {
            throw new NotSupportedException(
                "A static encoder with Dense modules behind its table cannot be fine-tuned. Train a head on its embeddings instead.");
        }
        StaticEncoderContent content = encoder.Content.WithoutRest();
        encoder = content == encoder.Content ? encoder : new StaticTextEncoder(content);
        if (content.Mapping is null && content.TokenWeights is null)
        {
            return encoder;
        }
        int width = content.Dimensions;
        int tokens = content.Mapping?.Length ?? content.TokenRows;
        long numbers = ((long)tokens + encoder.Buckets) * width;
        if (numbers > Array.MaxLength)
        {
            throw new InvalidOperationException($"The encoder's {tokens} tokens of {width} values share rows; with one each they do not " +
                "fit one array. Fine-tune a smaller encoder.");
        }
        var table = new float[numbers];
        for (int token = 0; token < tokens; token++)
        {
            int row = content.Mapping?[token] ?? token;
            TensorPrimitives.Multiply(content.Table.AsSpan(row * width, width), content.TokenWeights?[token] ?? 1,
                table.AsSpan(token * width, width));
        }
        content.Table.AsSpan(content.TokenRows * width).CopyTo(table.AsSpan(tokens * width));
        return new StaticTextEncoder(content with { Table = table, Mapping = null, TokenWeights = null });
    }
}

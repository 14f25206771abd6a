using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Writes what every <c>tokenizer.json</c> has: its parts in their order, without truncation, padding and added tokens.</summary>
internal static class TokenizerJson
{
    /// <summary>Returns the file's bytes.</summary>
    /// <param name="writeNormalizer">Writes the value of <c>normalizer</c>.</param>
    /// <param name="writePreTokenizer">Writes the value of <c>pre_tokenizer</c>.</param>
    /// <param name="writeModel">Writes the properties of <c>model</c>.</param>
    public static byte[] Write(
        Action<Utf8JsonWriter> writeNormalizer, Action<Utf8JsonWriter> writePreTokenizer, Action<Utf8JsonWriter> writeModel)
    {
        using var stream = new MemoryStream();
        // Words as they are, as the tokenizers library writes them; the file is never part of a page.
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            writer.WriteStartArray("added_tokens");
            writer.WriteEndArray();
            writer.WritePropertyName("normalizer");
            writeNormalizer(writer);
            writer.WritePropertyName("pre_tokenizer");
            writePreTokenizer(writer);
            writer.WriteNull("post_processor");
            writer.WriteNull("decoder");
            writer.WriteStartObject("model");
            writeModel(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>Writes a part that has a type and nothing else.</summary>
    public static void WriteType(this Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }
}

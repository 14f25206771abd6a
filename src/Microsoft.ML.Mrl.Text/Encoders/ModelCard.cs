using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>
/// Writes the <c>README.md</c> of an encoder's folder: Hugging Face's metadata, what the encoder is, how it was trained, how to use it in
/// Python and in .NET.
/// </summary>
internal static class ModelCard
{
    public const string FileName = "README.md";

    /// <summary>Writes the file unless the folder has one, which may have been written by hand.</summary>
    public static void Write(TextEncoder encoder, string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Text(encoder))));
        }
    }

    /// <summary>Returns the text of the file, which is always the same for the same encoder.</summary>
    public static string Text(TextEncoder encoder)
    {
        var text = new StringBuilder();
        text.Append(
            "---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\ntags:\n- sentence-transformers\n- " +
            "sentence-similarity\n- feature-extraction\n");
        text.Append(encoder.TrainedDimensions is null ? "---\n\n" : "- matryoshka\n---\n\n");
        text.Append(CultureInfo.InvariantCulture, $"# Text embeddings of {encoder.Dimensions} values\n\n{Kind(encoder)}\n\n");
        foreach ((string name, string value) in Properties(encoder))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n## Use\n\nIn Python{Missing(encoder)}:\n\n```python\n{SentenceTransformersLines(encoder)}```\n");
        if (encoder is StaticTextEncoder { CountsUnknownElsewhere: true })
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\nsentence-transformers counts words that are no tokens, which model2vec and .NET pass over: embeddings of texts " +
                $"with such " +
                $"words differ there, so put no Dense module behind this encoder. model2vec gives the embeddings of .NET:\n\n```python\n" +
                $"{Model2VecLines(encoder)}```\n");
        }
        else if (encoder is StaticTextEncoder { Buckets: > 0 })
        {
            text.Append(
                "\nTexts with words that are no tokens have other embeddings in Python, which passes over those words.\n");
        }
        text.Append("\nIn .NET:\n\n```csharp\nTextEncoder encoder = TextEncoder.Load(\"path/to/this/folder\");\n");
        text.Append("float[] embedding = encoder.Encode(\"A text.\");\n```\n");
        if (encoder.TrainedDimensions is not null)
        {
            text.Append(
                "\nThe first values of an embedding work alone, at the trained lengths and between them: cut it, then rescale it to " +
                "unit length.\n");
        }
        if (encoder.Training is { } training)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Training\n\n```text\n{training.ToString().TrimEnd()}\n```\n");
        }
        return text.ToString();
    }

    private static string Kind(TextEncoder encoder) => encoder switch
    {
        TransformerTextEncoder transformer => string.Create(
            CultureInfo.InvariantCulture,
                $"A transformer ({transformer.ModelType}, {transformer.Layers} layers) that reads at most {transformer.MaxLength} " +
                $"tokens of a text."),
        OnnxTextEncoder onnx => string.Create(
            CultureInfo.InvariantCulture, $"An ONNX graph (`onnx/model.onnx`) that reads at most {onnx.MaxLength} tokens of a text."),
        StaticTextEncoder { Buckets: > 0 } table => string.Create(
            CultureInfo.InvariantCulture,
                $"A static encoder: the mean of the vectors of a text's tokens. Words that are none of its {table.VocabularySize} " +
                $"tokens are hashed into {table.Buckets} buckets in .NET; Python passes over them."),
        StaticTextEncoder table =>
            string.Create(CultureInfo.InvariantCulture,
            $"A static encoder of {table.VocabularySize} tokens: the mean of the vectors of a text's tokens."),
        _ => "",
    };

    private static IEnumerable<(string Name, string Value)> Properties(TextEncoder encoder)
    {
        yield return ("Dimensions", encoder.Dimensions == encoder.FullDimensions
            ? encoder.Dimensions.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture,
                $"{encoder.Dimensions}, cut from {encoder.FullDimensions} (`truncate_dim`, which sentence-transformers reads from 5.4 " +
                $"on)"));
        if (encoder.TrainedDimensions is { } trained)
        {
            yield return ("Trained dimensions", trained.ToString());
        }
        yield return ("Unit length", encoder.IsNormalized ? "yes" : "no");
        yield return ("Fingerprint", $"`{encoder.Fingerprint}`");
    }

    /// <summary>Returns what Python needs besides the files: a graph and its vocabulary alone do not name their kind.</summary>
    private static string Missing(TextEncoder encoder) =>
        encoder is OnnxTextEncoder { Content: var content }
        && content.Files.Find(SentenceModules.Join(content.TransformerPath, EncoderFolder.ConfigFile)) is null
            ? $", with the `{EncoderFolder.ConfigFile}` and the `tokenizer_config.json` of the original model put beside these files"
            : "";

    private static string SentenceTransformersLines(TextEncoder encoder)
    {
        string backend = encoder is OnnxTextEncoder ? ", backend=\"onnx\"" : "";
        return "from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer(\"path/to/this/folder\"" +
            backend + Length(encoder, "truncate_dim") +
            "embeddings = model.encode([\"A text.\", \"Another text.\"], normalize_embeddings=True)\n";
    }

    private static string Model2VecLines(TextEncoder encoder) =>
        "from model2vec import StaticModel\n\nmodel = StaticModel.from_pretrained(\"path/to/this/folder\"" +
        Length(encoder, "dimensionality") + "embeddings = model.encode([\"A text.\", \"Another text.\"])\n";

    /// <summary>Returns the end of the line, with the cut, which versions before 5.4 do not read from the folder.</summary>
    private static string Length(TextEncoder encoder, string argument)
    {
        int? width = encoder.Dimensions < encoder.FullDimensions
            ? encoder.Dimensions
            : encoder.TrainedDimensions?.UpTo(encoder.Dimensions - 1)?.Largest;
        return width is { } m
            ? string.Create(CultureInfo.InvariantCulture, $", {argument}={m})  # or any other length\n")
            : ")\n";
    }
}

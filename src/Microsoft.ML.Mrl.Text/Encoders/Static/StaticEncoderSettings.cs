using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Writes the settings of a static encoder for sentence-transformers, whether its weights or its graph are beside them.</summary>
internal static class StaticEncoderSettings
{
    /// <summary>Writes the prompts, the similarity, the cut and the trained dimensions.</summary>
    public static void Write(StaticEncoderContent content, string folder)
    {
        var settings = new JsonObject
        {
            ["prompts"] = new JsonObject(
                content.Prompts.ByName.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value)))),
            ["default_prompt_name"] = content.Prompts.DefaultName,
            ["similarity_fn_name"] = content.Similarity,
            [EncoderConfigs.TruncateKey] = content.TruncateDimensions,
        };
        EncoderConfigs.WriteTrainedDimensions(settings, [.. content.TrainedDimensions ?? (IEnumerable<int>)[]]);
        AtomicFile.Write(
            Path.Combine(folder, EncoderFolder.SentenceConfigFile), stream => stream.Write(EncoderConfigs.File("", settings).Value));
    }
}

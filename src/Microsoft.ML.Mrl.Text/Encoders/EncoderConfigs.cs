using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>
/// Changes the small JSON files of an encoder's folder: the modules, the settings, and the entries that name the trained dimensions.
/// </summary>
internal static class EncoderConfigs
{
    public const string TruncateKey = "truncate_dim";
    private const string DimensionsKey = "matryoshka_dimensions";
    private const string FlagKey = "is_matryoshka";
    public const string PoolingFolder = "1_Pooling";

    private static readonly JsonSerializerOptions s_layout = new(
        ) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the settings of a folder that has none.</summary>
    public static JsonObject NewSettings()
        => new() { ["prompts"] = new JsonObject(), ["default_prompt_name"] = null, ["similarity_fn_name"] = "cosine" };

    /// <summary>Returns the files with changed settings of sentence-transformers.</summary>
    public static ModelFiles WithSettings(ModelFiles files, Action<JsonObject> change)
    {
        JsonObject settings = files.Find(EncoderFolder.SentenceConfigFile) is { } bytes ? Parse(bytes) : NewSettings();
        change(settings);
        return files.With(File(EncoderFolder.SentenceConfigFile, settings));
    }

    /// <summary>Returns the files with a cut of embeddings to a width, or without a cut.</summary>
    public static ModelFiles WithCut(ModelFiles files, int? width) => WithSettings(files, settings => settings[TruncateKey] = width);

    /// <summary>
    /// Returns the files that name the trained dimensions in <c>config.json</c> and <c>config_sentence_transformers.json</c>, as vLLM reads
    /// them. They are the same files if they already name these dimensions.
    /// </summary>
    /// <param name="files">The files.</param>
    /// <param name="transformer">The folder of the transformer.</param>
    /// <param name="dimensions">The trained dimensions, none for an encoder without any.</param>
    public static ModelFiles WithTrainedDimensions(ModelFiles files, string transformer, IReadOnlyCollection<int> dimensions)
    {
        foreach (
            string path in new[] { SentenceModules.Join(transformer, EncoderFolder.ConfigFile), EncoderFolder.SentenceConfigFile }.Distinct(
                ))
        {
            if (files.Find(path) is not { } bytes)
            {
                continue;
            }
            JsonObject json = Parse(bytes);
            if (Names(json, dimensions))
            {
                continue;
            }
            WriteTrainedDimensions(json, dimensions);
            files = files.With(File(path, json));
        }
        return files;
    }

    /// <summary>Writes the trained dimensions into a JSON object, or removes them from it.</summary>
    public static void WriteTrainedDimensions(JsonObject json, IReadOnlyCollection<int> dimensions)
    {
        json.Remove(DimensionsKey);
        json.Remove(FlagKey);
        if (dimensions.Count > 0)
        {
            json[FlagKey] = true;
            json[DimensionsKey] = new JsonArray([.. dimensions.Select(d => (JsonNode)d)]);
        }
    }

    /// <summary>Returns the trained dimensions that the configurations name.</summary>
    /// <param name="files">The files.</param>
    /// <param name="transformer">The folder of the transformer.</param>
    /// <param name="width">The full width of embeddings.</param>
    /// <remarks>An exported graph that is cut itself has the dimensions up to the cut.</remarks>
    /// <exception cref="InvalidDataException">They are not whole numbers from 1 to the width.</exception>
    public static MatryoshkaDimensions? TrainedDimensions(ModelFiles files, string transformer, int width)
    {
        foreach (string path in new[] { EncoderFolder.SentenceConfigFile, SentenceModules.Join(transformer, EncoderFolder.ConfigFile) })
        {
            if (files.FindJson(path) is { } json && json.Has(DimensionsKey))
            {
                JsonElement list = json.Root.GetProperty(DimensionsKey);
                int[] dimensions = list.ValueKind == JsonValueKind.Array
                    ? [.. list.EnumerateArray()
                        .Select(d => d.ValueKind == JsonValueKind.Number && d.TryGetInt32(out int n) ? n : 0).Distinct().Order()]
                    : [0];
                if (files.FindJson(EncoderFolder.SentenceConfigFile)?.FindCount(TruncateKey) == width)
                {
                    dimensions = [.. dimensions.Where(m => m <= width)];
                }
                if (dimensions.Length == 0)
                {
                    continue;
                }
                return dimensions[0] >= 1 && dimensions[^1] <= width
                    ? new MatryoshkaDimensions(dimensions)
                    : throw new InvalidDataException(
                        $"'{json.Name}': {DimensionsKey} should be whole numbers in 1..{width}, but is {list}.");
            }
        }
        return null;
    }

    /// <summary>Returns the files with modules that say what an encoder does.</summary>
    /// <param name="files">The files.</param>
    /// <param name="given">The modules that they name now.</param>
    /// <param name="pooling">How token vectors become one; none where the graph does it.</param>
    /// <param name="isNormalized">Whether unit length comes last.</param>
    public static ModelFiles WithModules(ModelFiles files, SentenceModules? given, IReadOnlyList<PoolingMode> pooling, bool isNormalized)
    {
        var modules = new JsonArray(Module(0, "Transformer", given?.TransformerPath ?? ""));
        var changed = new List<KeyValuePair<string, byte[]>>();
        if (pooling.Count > 0)
        {
            modules.Add(Module(1, "Pooling", PoolingFolder));
            changed.Add(File(SentenceModules.Join(PoolingFolder, EncoderFolder.ConfigFile), PoolingModesReader.Write(pooling)));
        }
        foreach (DenseStep dense in (given?.Steps ?? []).OfType<DenseStep>())
        {
            modules.Add(Module(modules.Count, "Dense", dense.Path));
        }
        if (isNormalized)
        {
            modules.Add(Module(modules.Count, "Normalize", $"{modules.Count}_Normalize"));
        }
        changed.Add(File(EncoderModule.FileName, modules));
        if (files.Find(EncoderFolder.SentenceConfigFile) is null)
        {
            changed.Add(File(EncoderFolder.SentenceConfigFile, NewSettings()));
        }
        return files.With(changed);
    }

    public static JsonObject Module(int index, string type, string path) => new()
    {
        ["idx"] = index,
        ["name"] = index.ToString(CultureInfo.InvariantCulture),
        ["path"] = path,
        ["type"] = $"sentence_transformers.models.{type}",
    };

    public static JsonObject Parse(byte[] bytes) => (JsonObject)JsonNode.Parse(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes)!;

    public static KeyValuePair<string, byte[]> File(string path, JsonNode content) =>
        new(path, Encoding.UTF8.GetBytes(content.ToJsonString(s_layout).ReplaceLineEndings("\n")));

    private static bool Names(JsonObject json, IReadOnlyCollection<int> dimensions)
    {
        if (dimensions.Count == 0)
        {
            return !json.ContainsKey(DimensionsKey) && !json.ContainsKey(FlagKey);
        }
        return json[FlagKey] is JsonValue flag && flag.TryGetValue(out bool isSet) && isSet && json[DimensionsKey] is JsonArray list
            && list.Select(d => d is JsonValue value && value.TryGetValue(out int number) ? number : 0).SequenceEqual(dimensions);
    }
}

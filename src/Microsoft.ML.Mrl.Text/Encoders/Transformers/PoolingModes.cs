using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Specifies how token vectors become one vector.</summary>
internal enum PoolingMode
{
    /// <summary>The first token.</summary>
    FirstToken,

    /// <summary>The largest value of the real tokens.</summary>
    Max,

    /// <summary>The mean of the real tokens.</summary>
    Mean,

    /// <summary>The sum of the real tokens over the root of their number.</summary>
    MeanSqrtLength,

    /// <summary>The last real token. Graphs of ONNX only.</summary>
    LastToken,
}

/// <summary>Reads a Pooling module's <c>config.json</c>: the older keys, one for each mode, and the newer <c>pooling_mode</c>.</summary>
internal static class PoolingModesReader
{
    /// <summary>In the order in which the older keys join what they set; the newer list has an order of its own.</summary>
    private static readonly (string OldKey, string NewName, PoolingMode? Mode)[] Known =
    [
        ("pooling_mode_cls_token", "cls", PoolingMode.FirstToken),
        ("pooling_mode_max_tokens", "max", PoolingMode.Max),
        ("pooling_mode_mean_tokens", "mean", PoolingMode.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", "weightedmean", null),
        ("pooling_mode_lasttoken", "lasttoken", PoolingMode.LastToken),
    ];

    private static readonly string[] s_keys =
    [
        "word_embedding_dimension", "embedding_dimension", "pooling_mode", "include_prompt", .. Known.Select(known => known.OldKey),
    ];

    /// <summary>Returns the ways of pooling, in the order in which they are joined.</summary>
    /// <exception cref="NotSupportedException">A mode or a key is not known.</exception>
    /// <exception cref="InvalidDataException">No mode is set.</exception>
    public static PoolingMode[] Read(ModelJson file, bool allowsLastToken = false)
    {
        ModuleKeys.Check(file, s_keys);
        string[] names = file.Has("pooling_mode")
            ? [.. NewNames(file)]
            : [.. Known.Where(known => file.Flag(known.OldKey, false)).Select(known => known.NewName)];
        PoolingMode[] modes = Array.ConvertAll(names, name =>
        {
            PoolingMode? mode = Array.Find(Known, known => known.NewName == name).Mode;
            return IsKnown(mode) ? mode!.Value : throw new NotSupportedException(
                $"'{file.Name}': pooling '{name}' is not supported. Supported are " +
                $"{string.Join(", ", Known.Where(known => IsKnown(known.Mode)).Select(known => known.NewName))}.");
        });
        return modes.Length > 0 ? modes : throw new InvalidDataException($"'{file.Name}' sets no way of pooling.");

        bool IsKnown(PoolingMode? mode) => mode is not null && (allowsLastToken || mode != PoolingMode.LastToken);
    }

    /// <summary>
    /// Returns the configuration of a way of pooling: in the older keys, which every version of sentence-transformers reads, or in the
    /// newer list where several modes are joined in another order than the older keys'.
    /// </summary>
    public static JsonObject Write(IReadOnlyList<PoolingMode> modes)
    {
        var config = new JsonObject();
        foreach ((string key, _, PoolingMode? mode) in Known)
        {
            config[key] = mode is { } known && modes.Contains(known);
        }
        if (!modes.SequenceEqual(Known.Select(known => known.Mode).OfType<PoolingMode>().Where(modes.Contains)))
        {
            config["pooling_mode"] = new JsonArray([.. modes.Select(
                mode => (JsonNode)Array.Find(Known, known => known.Mode == mode).NewName)]);
        }
        return config;
    }

    private static IEnumerable<string> NewNames(ModelJson file)
    {
        JsonElement value = file.Root.GetProperty("pooling_mode");
        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => value.EnumerateArray().Select(v => v.ToString()),
            _ => throw new InvalidDataException($"'{file.Name}': pooling_mode is {value}, not a name or a list of names."),
        };
    }
}

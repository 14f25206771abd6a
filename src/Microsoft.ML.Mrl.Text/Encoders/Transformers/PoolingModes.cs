using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>How token vectors become one; several are set side by side in this order, as sentence-transformers does.</summary>
[Flags]
internal enum PoolingModes
{
    None = 0,

    /// <summary>The first token.</summary>
    FirstToken = 1,

    /// <summary>The largest value of the real tokens.</summary>
    Max = 2,

    /// <summary>The mean of the real tokens.</summary>
    Mean = 4,

    /// <summary>The sum of the real tokens over the root of their number.</summary>
    MeanSqrtLength = 8,

    /// <summary>The last real token. Graphs of ONNX only.</summary>
    LastToken = 16,
}

/// <summary>Reads a Pooling module's <c>config.json</c>: the older keys, one a mode, and the newer <c>pooling_mode</c>.</summary>
internal static class PoolingModesReader
{
    private static readonly (string OldKey, string NewName, PoolingModes Mode)[] Known =
    [
        ("pooling_mode_cls_token", "cls", PoolingModes.FirstToken),
        ("pooling_mode_max_tokens", "max", PoolingModes.Max),
        ("pooling_mode_mean_tokens", "mean", PoolingModes.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", PoolingModes.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", "weightedmean", PoolingModes.None),
        ("pooling_mode_lasttoken", "lasttoken", PoolingModes.LastToken),
    ];

    /// <exception cref="NotSupportedException">A mode is not known.</exception>
    /// <exception cref="InvalidDataException">No mode is set.</exception>
    public static PoolingModes Read(ModelJson file, bool allowsLastToken = false)
    {
        string[] names = file.Has("pooling_mode")
            ? [.. NewNames(file)]
            : [.. Known.Where(known => file.Flag(known.OldKey, false)).Select(known => known.NewName)];
        PoolingModes modes = PoolingModes.None;
        foreach (string name in names)
        {
            PoolingModes mode = Array.Find(Known, known => known.NewName == name).Mode;
            if (!IsKnown(mode))
            {
                throw new NotSupportedException(
                    $"'{file.Name}': pooling '{name}' is not supported. Supported are " +
                    $"{string.Join(", ", Known.Where(known => IsKnown(known.Mode)).Select(known => known.NewName))}.");
            }
            modes |= mode;
        }
        return modes != PoolingModes.None ? modes : throw new InvalidDataException($"'{file.Name}' sets no way of pooling.");

        bool IsKnown(PoolingModes mode) => mode != PoolingModes.None && (allowsLastToken || mode != PoolingModes.LastToken);
    }

    /// <summary>The configuration of a way of pooling, in the older keys, which every version of sentence-transformers reads.</summary>
    public static JsonObject Write(PoolingModes modes)
    {
        var config = new JsonObject();
        foreach ((string key, _, PoolingModes mode) in Known)
        {
            config[key] = mode != PoolingModes.None && modes.HasFlag(mode);
        }
        return config;
    }

    public static int Count(this PoolingModes modes) => BitOperations.PopCount((uint)modes);

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

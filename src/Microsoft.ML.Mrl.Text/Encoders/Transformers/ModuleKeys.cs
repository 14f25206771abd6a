using System.Text.Json;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Throws exceptions for configurations of modules with unknown keys, since ignoring a key may change the embeddings.</summary>
internal static class ModuleKeys
{
    /// <summary>Checks the keys of a configuration.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="known">The keys that are read, or that change no embedding.</param>
    /// <param name="only">The keys of which only one value is supported.</param>
    /// <exception cref="NotSupportedException">A key is not supported, and its value is not the default.</exception>
    public static void Check(ModelJson file, string[] known, params ReadOnlySpan<(string Key, string Value)> only)
    {
        foreach (JsonProperty entry in file.Root.EnumerateObject())
        {
            string? value = null;
            foreach ((string key, string supported) in only)
            {
                value = key == entry.Name ? supported : value;
            }
            bool isKnown = value is not null
                ? entry.Value.ValueKind == JsonValueKind.Null || entry.Value.ToString() == value
                : Array.IndexOf(known, entry.Name) >= 0 || IsNothing(entry.Value);
            if (!isKnown)
            {
                string text = entry.Value.ToString();
                throw new NotSupportedException(
                    $"'{file.Name}': {entry.Name} is {(text.Length > 60 ? text[..60] + "…" : text)}, which is not supported. " +
                    (value is null ? "Remove it if embeddings are the same without it." : $"Supported is {value}."));
            }
        }
    }

    /// <summary>The module's configuration in a folder, checked, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="NotSupportedException">The configuration has a setting that is not supported.</exception>
    public static void CheckFile(ModelFiles files, string folder, string[] known, params ReadOnlySpan<(string Key, string Value)> only)
    {
        if (folder.Length > 0 && files.FindJson(SentenceModules.Join(folder, EncoderFolder.ConfigFile)) is { } file)
        {
            Check(file, known, only);
        }
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };
}

using System.Text.Json;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>Represents the prompts of an encoder by name, and the one that is put before every text unless another is asked for.</summary>
internal sealed class EncoderPrompts
{
    /// <param name="byName">The prompts.</param>
    /// <param name="defaultName">The name of the default one, which is among them.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="InvalidDataException">The default prompt is not among the prompts.</exception>
    public EncoderPrompts(IReadOnlyDictionary<string, string> byName, string? defaultName, string source)
    {
        ByName = byName;
        DefaultName = defaultName;
        if (defaultName is not null && !byName.ContainsKey(defaultName))
        {
            throw new InvalidDataException($"'{source}' names the default prompt '{defaultName}', but has no prompt of that name.");
        }
    }

    /// <summary>
    /// Gets a value indicating whether the tokens of a prompt are pooled with those of the text, the only way that is supported.
    /// </summary>
    public bool ArePooled { get; init; } = true;

    public static EncoderPrompts None { get; } = new(new Dictionary<string, string>(), null, "");

    public IReadOnlyDictionary<string, string> ByName { get; }

    public string? DefaultName { get; }

    /// <summary>Reads a <c>config_sentence_transformers.json</c>.</summary>
    /// <exception cref="InvalidDataException">A prompt is not text, or the default prompt is missing.</exception>
    /// <param name="settings">The file, or <see langword="null"/> for none.</param>
    /// <param name="arePooled">Whether the tokens of a prompt are pooled with those of the text.</param>
    public static EncoderPrompts Read(ModelJson? settings, bool arePooled = true)
    {
        if (settings is null)
        {
            return None;
        }
        if (settings.FindText("model_type") is { } type && type != "SentenceTransformer")
        {
            throw new NotSupportedException(
                $"'{settings.Name}': model_type is {type}, which is not supported. Supported are models that give one vector for each " +
                "text (SentenceTransformer).");
        }
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (settings.Has("prompts"))
        {
            JsonElement all = settings.Root.GetProperty("prompts");
            if (all.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"'{settings.Name}': prompts should be an object of texts, but is a JSON {all.ValueKind}.");
            }
            foreach (JsonProperty prompt in all.EnumerateObject())
            {
                prompts[prompt.Name] = prompt.Value.ValueKind == JsonValueKind.String
                    ? prompt.Value.GetString()!
                    : throw new InvalidDataException($"'{settings.Name}': the prompt '{prompt.Name}' is not a text.");
            }
        }
        return new EncoderPrompts(prompts, settings.FindText("default_prompt_name"), settings.Name) { ArePooled = arePooled };
    }

    /// <summary>Throws an exception if the tokens of the default prompt are not pooled.</summary>
    /// <exception cref="NotSupportedException">The tokens of the default prompt are not pooled.</exception>
    public void CheckDefault() => Text(null);

    /// <summary>Returns the text of a prompt.</summary>
    /// <param name="name">Its name, or <see langword="null"/> for the default one, which may be none.</param>
    /// <exception cref="ArgumentException">There is no prompt of that name.</exception>
    /// <exception cref="NotSupportedException">The tokens of the prompt are not pooled.</exception>
    public string Text(string? name)
    {
        if ((name ?? DefaultName) is not { } wanted)
        {
            return "";
        }
        if (ByName.TryGetValue(wanted, out string? text))
        {
            return text.Length == 0 || ArePooled ? text : throw new NotSupportedException(
                $"The encoder leaves the prompt '{wanted}' out of the mean (include_prompt is false in its Pooling module), which is not " +
                $"supported. Encode without a prompt, and set default_prompt_name to null in {EncoderFolder.SentenceConfigFile}.");
        }
        throw new ArgumentException(
            $"The encoder has no prompt '{wanted}'. " + (ByName.Count == 0
                ? "It has no prompts at all; put the words before the texts instead."
                : $"It has {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal).Select(key => $"'{key}'"))}."),
            "prompt");
    }
}

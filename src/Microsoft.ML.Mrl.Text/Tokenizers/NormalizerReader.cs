using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Makes the normalizer that a <c>tokenizer.json</c> describes.</summary>
internal static class NormalizerReader
{
    private const char NeverNormalized = '\uFFFE';

    /// <exception cref="NotSupportedException">The kind of normalizer is not supported.</exception>
    public static TextNormalizer? Read(JsonElement? part, string path)
    {
        if (part is not { } normalizer)
        {
            return null;
        }
        switch (JsonParts.Text(normalizer, "type"))
        {
            case "BertNormalizer":
                bool lowers = JsonParts.Flag(normalizer, "lowercase", otherwise: true);
                return new BertNormalizer(
                    JsonParts.Flag(normalizer, "clean_text", otherwise: true), JsonParts.Flag(normalizer, "handle_chinese_chars",
                        otherwise: true), JsonParts.Flag(normalizer, "strip_accents", otherwise: lowers), lowers);
            case "Lowercase":
                return new LowercaseNormalizer();
            case "StripAccents":
                return new AccentStripper();
            case "Strip":
                (bool left, bool right) = (
                    JsonParts.Flag(normalizer, "strip_left", otherwise: true), JsonParts.Flag(normalizer, "strip_right", otherwise: true));
                return new MappedNormalizer(text => left && right ? text.Trim() : left ? text.TrimStart() : right ? text.TrimEnd() : text);
            case "NFC":
                return NormalForm(NormalizationForm.FormC, path);
            case "NFD":
                return NormalForm(NormalizationForm.FormD, path);
            case "NFKC":
                return NormalForm(NormalizationForm.FormKC, path);
            case "NFKD":
                return NormalForm(NormalizationForm.FormKD, path);
            case "Replace":
                return Replacement(normalizer, path);
            case "Prepend":
                string before = JsonParts.Text(normalizer, "prepend") ?? "";
                return new MappedNormalizer(text => text.Length == 0 ? text : before + text);
            case "Precompiled":
                // A model without rules has none.
                return JsonParts.Part(normalizer, "precompiled_charsmap") is { } map && map.GetBytesFromBase64() is { Length: > 0 } bytes
                    ? new PrecompiledNormalizer(CharacterMap.Read(bytes, path))
                    : null;
            case "Sequence":
                return Sequence([.. normalizer.GetProperty("normalizers").EnumerateArray()], path);
            case var type:
                throw new NotSupportedException($"'{path}' has a {type} normalizer, which is not supported.");
        }
    }

    private static NormalizerSequence Sequence(JsonElement[] parts, string path)
    {
        var steps = new List<TextNormalizer>();
        for (int i = 0; i < parts.Length; i++)
        {
            bool stripsLater = parts[(i + 1)..].Any(p => JsonParts.Text(p, "type") == "StripAccents");
            if (JsonParts.Text(parts[i], "type") == "NFD" && stripsLater)
            {
                // Together the two need no help of the operating system.
                steps.Add(new DecomposingAccentStripper());
            }
            else if (Read(parts[i], path) is { } step)
            {
                steps.Add(step);
            }
        }
        return new NormalizerSequence([.. steps]);
    }

    private static MappedNormalizer NormalForm(NormalizationForm form,
        string path) => "\u00E9".Normalize(NormalizationForm.FormD).Length == 2
        ? new MappedNormalizer(text => Normalized(text, form))
        : throw new NotSupportedException(
            $"'{path}' converts texts to a Unicode normal form, which .NET cannot do with invariant globalization. Set " +
            $"InvariantGlobalization to false.");

    /// <summary>
    /// Returns the normal form. .NET refuses texts with U+FFFE, which changes nothing and is never joined to its neighbours.
    /// </summary>
    private static string Normalized(string text, NormalizationForm form) => text.Contains(NeverNormalized, StringComparison.Ordinal)
        ? string.Join(NeverNormalized, text.Split(NeverNormalized).Select(part => part.Normalize(form)))
        : text.Normalize(form);

    private static TextNormalizer Replacement(JsonElement normalizer, string path)
    {
        JsonElement pattern = normalizer.GetProperty("pattern");
        string content = JsonParts.Text(normalizer, "content") ?? "";
        if (JsonParts.Text(pattern, "String") is { Length: > 0 } plain)
        {
            return new TextReplacingNormalizer(plain, content);
        }
        string text = JsonParts.Text(pattern, "Regex") ?? throw new FormatException("A Replace normalizer has no pattern.");
        return new ReplacingNormalizer(new LimitedExpression(text, path), content);
    }
}

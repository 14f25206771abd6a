using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Checks that the parts of a static encoder match.</summary>
internal static class StaticEncoderCheck
{
    /// <exception cref="InvalidDataException">The vocabulary, the table, the weights and the mapping do not match.</exception>
    public static void Throw(StaticEncoderContent content, JsonTokenizer tokenizer)
    {
        string source = content.TokenizerSource;
        int ids = tokenizer.Vocabulary.Values.Max() + 1;
        if (content.Table.Length == 0 || content.Table.Length % content.Dimensions != 0 || content.TokenRows < 0)
        {
            throw new InvalidDataException(
                $"A table of {content.Table.Length} numbers is not one of rows of {content.Dimensions} values, with " +
                $"{content.Subwords?.Buckets ?? 0} buckets.");
        }
        if (content.Mapping is { } mapping)
        {
            RequireOneEach(mapping.Length, "entries of the mapping");
            if (Array.FindIndex(mapping, row => row < 0 || row >= content.TokenRows) is >= 0 and var bad)
            {
                throw new InvalidDataException(
                    $"The mapping sends token {bad} to row {mapping[bad]}, but the table has {content.TokenRows} rows. Are the files of " +
                    $"one model?");
            }
        }
        else
        {
            RequireOneEach(content.TokenRows, "rows of the table");
        }
        if (content.TokenWeights is { } weights)
        {
            RequireOneEach(weights.Length, "token weights");
            RequireFinite(weights, "token weights");
        }
        RequireFinite(content.Table, "table");
        SentenceStep.Width(content.Steps, content.Dimensions);

        void RequireOneEach(int found, string what)
        {
            if (found != ids)
            {
                throw new InvalidDataException($"'{source}' has {ids} tokens, but there are {found} {what}. Are the files of one model?");
            }
        }
    }

    private static void RequireFinite(float[] values, string what)
    {
        if (Array.FindIndex(values, v => !float.IsFinite(v)) is >= 0 and var bad)
        {
            throw new InvalidDataException($"Value {bad} of the {what} is {values[bad]}. The numbers of an encoder are finite.");
        }
    }
}

using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the options of <see cref="TextEncoder.LoadOnnx(string, string, OnnxEncoderOptions?)"/>. What is not set is taken from the
/// model's files.
/// </summary>
public sealed class OnnxEncoderOptions
{
    /// <summary>
    /// Gets how the vectors of a text's tokens become one vector. The default, <see langword="null"/>, takes a graph's own
    /// <c>sentence_embedding</c> where it has one, then what the folder's Pooling module says, then the mean.
    /// </summary>
    public TokenPooling? Pooling { get; init; }

    /// <summary>
    /// Gets whether embeddings are rescaled to unit length. The default, <see langword="null"/>, does what the folder's modules say, and
    /// rescales where there are no modules.
    /// </summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// Gets the largest number of tokens of a text, special tokens included. The default, <see langword="null"/>, takes the limit that the
    /// files name, then the number of positions that the graph has, then 512.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// Gets the name of the graph's output that is read. The default, <see langword="null"/>, finds it by its name and shape.
    /// </summary>
    public string? OutputName { get; init; }

    /// <summary>Gets prompts by name, in place of those of the folder. The default is <see langword="null"/>.</summary>
    public IReadOnlyDictionary<string, string>? Prompts { get; init; }

    /// <summary>
    /// Gets the name of the prompt that is put before every text unless another is asked for. The default is <see langword="null"/>.
    /// </summary>
    public string? DefaultPrompt { get; init; }

    internal void Check(string parameterName) => OptionProblems.ThrowIfAny(Problems(), nameof(OnnxEncoderOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (Pooling is { } pooling && !Enum.IsDefined(pooling))
        {
            yield return $"{nameof(Pooling)} is {pooling}; choose {string.Join(", ", Enum.GetNames<TokenPooling>())}.";
        }
        if (MaxLength < 1)
        {
            yield return $"{nameof(MaxLength)} is {MaxLength}; choose 1 or more.";
        }
        if (DefaultPrompt is { } name && Prompts is { } prompts && !prompts.ContainsKey(name))
        {
            yield return $"{nameof(DefaultPrompt)} is '{name}'; choose one of the {nameof(Prompts)} ({string.Join(", ", prompts.Keys)}).";
        }
        if (Prompts?.FirstOrDefault(prompt => prompt.Value is null) is { Key: { } key })
        {
            yield return $"the prompt '{key}' is null; give a text.";
        }
    }
}

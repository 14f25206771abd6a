using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides options for <see cref="TextEncoder.LoadOnnx(string, string, OnnxEncoderOptions?)"/>. A setting that is not given is taken from
/// the files of the model. All invalid values are reported at once.
/// </summary>
public sealed class OnnxEncoderOptions
{
    /// <summary>
    /// Gets the way in which the token vectors of a text become one vector. The default, <see langword="null"/>, uses the output
    /// <c>sentence_embedding</c> if the graph has it, or else the pooling that the folder's Pooling module names, or else the mean.
    /// </summary>
    public TokenPooling? Pooling { get; init; }

    /// <summary>
    /// Gets a value indicating whether embeddings are rescaled to unit length. The default, <see langword="null"/>, does what the folder's
    /// modules say. If there are no modules, it rescales, unless <see cref="TextEncoder.ExportToOnnx"/> wrote the graph of an encoder that
    /// does not.
    /// </summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// Gets the maximum number of tokens of a text, including special tokens. The default, <see langword="null"/>, is the limit that the
    /// files name, or else the number of positions of the graph, or else 512.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// Gets the name of the graph's output to read. The default, <see langword="null"/>, finds the output by its name and shape.
    /// </summary>
    public string? OutputName { get; init; }

    /// <summary>
    /// Gets the prompts by name. They replace those of the folder. The default, <see langword="null"/>, keeps the prompts of the folder.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Prompts { get; init; }

    /// <summary>
    /// Gets the name of the prompt that is put before every text unless another prompt is requested. The default, <see langword="null"/>,
    /// keeps the default prompt of the folder.
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

using System.Text.Json;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Export.Dense;

/// <summary>Represents the <c>config.json</c> of a sentence-transformers Dense layer: y = activation(x Wᵀ + b).</summary>
/// <param name="Inputs">The width of x.</param>
/// <param name="Outputs">The width of y.</param>
/// <param name="HasBias">Whether there is a b.</param>
/// <param name="Activation">The class of the activation, as it is named in Python.</param>
internal sealed record DenseConfig(int Inputs, int Outputs, bool HasBias, string Activation)
{
    public const string FileName = "config.json";

    /// <summary>The activation that changes nothing.</summary>
    public const string Identity = "torch.nn.modules.linear.Identity";

    /// <summary>The tensor that a residual is multiplied with where the layer changes the width.</summary>
    public const string ResidualWeight = "residual.weight";

    private const string ActivationKey = "activation_function";
    private const string ResidualKey = "use_residual";
    private const string SentenceValue = "sentence_embedding";

    /// <summary>The activation of sentence-transformers if none is named.</summary>
    private const string Unnamed = "torch.nn.modules.activation.Tanh";

    /// <summary>Gets a value indicating whether the file names the activation.</summary>
    public bool NamesActivation { get; init; } = true;

    /// <summary>Gets a value indicating whether x, or x Rᵀ where the widths differ, is added to the output.</summary>
    public bool HasResidual { get; init; }

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or does not describe a Dense layer.</exception>
    /// <exception cref="NotSupportedException">
    /// The layer works on another value than the sentence's vector, or the file sets something that is not known here.
    /// </exception>
    public static DenseConfig Read(ModelJson file)
    {
        foreach (string key in new[] { "module_input_name", "module_output_name" })
        {
            if (file.FindText(key) is { } value && value != SentenceValue)
            {
                throw new NotSupportedException($"'{file.Name}': {key} '{value}' is not supported. Supported is {SentenceValue}.");
            }
        }
        bool names = file.Root.TryGetProperty(ActivationKey, out _);
        var config = new DenseConfig(
            file.Count("in_features"), file.Count("out_features"), file.Flag("bias", true), file.FindText(ActivationKey)
                ?? (names ? Identity : Unnamed)) { NamesActivation = names, HasResidual = file.Flag(ResidualKey, false) };
        string[] known =
            ["in_features", "out_features", "bias", ActivationKey, "module_input_name", "module_output_name", ResidualKey];
        foreach (JsonProperty entry in file.Root.EnumerateObject())
        {
            if (!known.Contains(entry.Name) && entry.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                throw new NotSupportedException(
                    $"'{file.Name}': {entry.Name} is {entry.Value}, which is not supported. Supported are {string.Join(", ", known)}.");
            }
        }
        return config;
    }

    /// <summary>Returns the file's text, in the order and layout in which sentence-transformers writes it.</summary>
    public string ToJson() =>
        $"{{\n  \"in_features\": {Inputs},\n  \"out_features\": {Outputs},\n  \"bias\": {(HasBias ? "true" : "false")},\n  " +
            $"\"{ActivationKey}\": \"{Activation}\"{(HasResidual ? $",\n  \"{ResidualKey}\": true" : "")}\n}}";
}

using System.Text.Json;

namespace Microsoft.ML.Mrl;

/// <summary>The <c>config.json</c> of a sentence-transformers Dense layer: y = activation(x Wᵀ + b).</summary>
internal sealed record DenseConfig(int Inputs, int Outputs, bool HasBias)
{
    public const string FileName = "config.json";
    private const string Identity = "torch.nn.modules.linear.Identity";
    private const string SentenceValue = "sentence_embedding";

    /// <summary>Reads and checks the file.</summary>
    public static DenseConfig Read(string path)
    {
        using JsonDocument document = JsonFile.Read(path, "Dense layer", depth: 8);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("in_features", out _) || !root.TryGetProperty("out_features", out _))
        {
            throw new InvalidDataException($"'{path}' is not the configuration of a Dense layer: it has no in_features and out_features. Give the Dense folder, such as 2_Dense.");
        }
        CheckActivation(path, root);
        CheckValue(path, root, "module_input_name");
        CheckValue(path, root, "module_output_name");
        return new DenseConfig(Width(path, root, "in_features"), Width(path, root, "out_features"), Bias(path, root));
    }

    /// <summary>The file's text, in the order and layout in which sentence-transformers writes it.</summary>
    public string ToJson() =>
        $"{{\n  \"in_features\": {Inputs},\n  \"out_features\": {Outputs},\n  \"bias\": {(HasBias ? "true" : "false")},\n  \"activation_function\": \"{Identity}\"\n}}";

    private static void CheckActivation(string path, JsonElement root)
    {
        // sentence-transformers' own default is Tanh.
        string found = !root.TryGetProperty("activation_function", out JsonElement activation) ? "torch.nn.modules.activation.Tanh"
            : activation.ValueKind == JsonValueKind.Null ? Identity
            : activation.ValueKind == JsonValueKind.String ? Text(path, activation)
            : throw new InvalidDataException($"'{path}': activation_function is no text.");
        if (found != Identity)
        {
            string stated = activation.ValueKind == JsonValueKind.Undefined ? $"none is named, which means {found}" : found;
            throw new NotSupportedException(
                $"Cannot make a linear head of '{path}': its activation is {stated}, and a linear head has none. Only {Identity} is linear; train the Dense layer with it, or keep this one in the encoder's ONNX model.");
        }
    }

    private static void CheckValue(string path, JsonElement root, string name)
    {
        if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null && !(value.ValueKind == JsonValueKind.String && Text(path, value) == SentenceValue))
        {
            throw new NotSupportedException($"Cannot make a head of '{path}': its {name} is {value}, and a head maps {SentenceValue}.");
        }
    }

    private static int Width(string path, JsonElement root, string name) =>
        root.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int width) && width > 0
            ? width
            : throw new InvalidDataException($"'{path}': {name} is {root.GetProperty(name)}, not a whole number from 1.");

    private static bool Bias(string path, JsonElement root) => !root.TryGetProperty("bias", out JsonElement bias) || bias.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new InvalidDataException($"'{path}': bias is {bias}, not true or false."),
    };

    private static string Text(string path, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"'{path}' is not JSON: a text in it is not UTF-8.", e);
        }
    }
}

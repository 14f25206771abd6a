using Microsoft.ML.Mrl.Export.Dense;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>y = activation(x Wᵀ + b), sentence-transformers' Dense; with a residual x, or x Rᵀ, is added to it.</summary>
/// <param name="Path">Its folder, relative.</param>
/// <param name="Weight">W, <c>[outputs, inputs]</c>.</param>
/// <param name="Bias">b, <c>[outputs]</c>, where it has one.</param>
/// <param name="Activation">What comes last.</param>
/// <param name="File">What its file holds.</param>
internal sealed record DenseStep(
    string Path, StoredTensor Weight, StoredTensor? Bias, TransformerActivation Activation, TensorFile File) : SentenceStep
{
    /// <summary>Gets a value indicating whether the layer's input is added to its output.</summary>
    public bool HasResidual { get; init; }

    /// <summary>Gets R, <c>[outputs, inputs]</c>, if the layer has a residual and another width than its input.</summary>
    public StoredTensor? Residual { get; init; }

    private static readonly Dictionary<string, TransformerActivation> Activations = new(StringComparer.Ordinal)
    {
        [DenseConfig.Identity] = TransformerActivation.Identity,
        ["torch.nn.modules.activation.Tanh"] = TransformerActivation.Tanh,
        ["torch.nn.modules.activation.ReLU"] = TransformerActivation.Relu,
        ["torch.nn.modules.activation.GELU"] = TransformerActivation.Gelu,
        ["torch.nn.modules.activation.SiLU"] = TransformerActivation.Silu,
        ["torch.nn.modules.activation.Sigmoid"] = TransformerActivation.Sigmoid,
    };

    public int Inputs => (int)Weight.Shape[1];

    public int Outputs => (int)Weight.Shape[0];

    /// <summary>Reads one.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="path">The module's folder.</param>
    /// <param name="readFile">Reads the weights of a folder.</param>
    public static DenseStep Read(ModelFiles files, string path, Func<string, TensorFile> readFile)
    {
        ModelJson json = files.RequireJson(SentenceModules.Join(path, DenseConfig.FileName), "It describes a Dense layer.");
        var config = DenseConfig.Read(json);
        if (!Activations.TryGetValue(config.Activation, out TransformerActivation kind))
        {
            throw new NotSupportedException(
                $"'{json.Name}': activation_function '{config.Activation}' is not supported. Supported are " +
                $"{string.Join(", ", Activations.Keys)}.");
        }
        string weights = json.Name.Replace(DenseConfig.FileName, TensorFile.Name, StringComparison.Ordinal);
        TensorFile file = readFile(path);
        return new DenseStep(
            path,
            Find(weights, file.Tensors, "linear.weight", config.Outputs, config.Inputs),
            config.HasBias ? Find(weights, file.Tensors, "linear.bias", config.Outputs) : null,
            kind,
            file)
        {
            HasResidual = config.HasResidual,
            Residual = config.HasResidual && config.Inputs != config.Outputs
                ? Find(weights, file.Tensors, DenseConfig.ResidualWeight, config.Outputs, config.Inputs)
                : null,
        };
    }

    /// <summary>Returns the text of its <c>config.json</c>.</summary>
    public string ConfigText() => new DenseConfig(
        Inputs, Outputs, Bias is not null, Activations.First(pair => pair.Value == Activation).Key) { HasResidual = HasResidual }.ToJson();

    /// <summary>Returns the same layer with other weights.</summary>
    public DenseStep With(float[] weight, float[]? bias)
    {
        StoredTensor newWeight = StoredTensor.FromSingles(Weight.Name, Weight.Shape, weight);
        StoredTensor? newBias = Bias is null ? null : StoredTensor.FromSingles(Bias.Name, Bias.Shape, bias);
        return this with { Weight = newWeight, Bias = newBias, File = File with { Tensors = [.. File.Tensors.Select(
            t => ReferenceEquals(t, Weight) ? newWeight : ReferenceEquals(t, Bias) ? newBias! : t)] } };
    }

    private static StoredTensor Find(string file, IReadOnlyList<StoredTensor> tensors, string name, params long[] shape)
    {
        StoredTensor tensor = tensors.FirstOrDefault(t => t.Name == name)
            ?? throw new SafetensorsException(file, name, "the tensor", tensors.Count == 0
                ? "no tensors"
                : $"only {string.Join(", ", tensors.Take(8).Select(t => $"'{t.Name}'"))}", "Is it the file of another layer?");
        return !tensor.Shape.SequenceEqual(shape)
            ? throw new SafetensorsException(file, name, $"the shape {SafetensorsTensor.Text(shape)}", SafetensorsTensor.Text(tensor.Shape),
                "Do config.json and the weights belong to the same layer?")
            : tensor.IsFloating && Array.TrueForAll(tensor.Singles(), float.IsFinite)
            ? tensor
            : throw new SafetensorsException(file, name, "finite numbers of F32, F16, BF16 or F64", tensor.IsFloating
                ? "others"
                : tensor.Type.Name, "");
    }
}

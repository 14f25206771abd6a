using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>
/// Represents the tensors of an encoder: those that its architecture has, checked, and others that its file holds, kept to be saved again.
/// </summary>
internal sealed class TransformerWeights
{
    private readonly Dictionary<string, StoredTensor> _byName;
    private readonly TransformerConfig _config;

    private TransformerWeights(TransformerConfig config, TensorFile file)
    {
        _config = config;
        File = file;
        _byName = file.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Gets all tensors, in the order of their file.</summary>
    public TensorFile File { get; }

    /// <summary>Checks the tensors of a file.</summary>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="config">The configuration that they must match.</param>
    /// <param name="file">The tensors.</param>
    /// <exception cref="SafetensorsException">A tensor is missing, has another shape or type, or is not finite.</exception>
    public static TransformerWeights Checked(string source, TransformerConfig config, TensorFile file)
    {
        var weights = new TransformerWeights(config, file);
        foreach ((string name, long[] shape) in TransformerNames.All(config))
        {
            weights.Check(source, name, shape);
        }
        return weights;
    }

    /// <summary>Returns the same tensors with other metadata.</summary>
    public TransformerWeights With(IReadOnlyList<KeyValuePair<string, string>> metadata) => new(_config, File with { Metadata = metadata });

    /// <summary>Gets the tensor with a name of the architecture, whatever its name is in the file.</summary>
    public StoredTensor this[string name] => Find(name)!;

    /// <summary>Returns the same tensors with some of them replaced by trained weights, by the architecture's names.</summary>
    public TransformerWeights With(IReadOnlyDictionary<string, float[]> trained)
    {
        Dictionary<string, float[]> byFileName = trained
            .ToDictionary(pair => Find(pair.Key)!.Name, pair => pair.Value, StringComparer.Ordinal);
        return Checked("trained weights", _config,
            File with { Tensors = [.. File.Tensors.Select(
            t => byFileName.TryGetValue(t.Name, out float[]? values) ? StoredTensor.FromSingles(t.Name, t.Shape, values) : t)] });
    }

    private StoredTensor? Find(string name)
    {
        string prefix = TransformerNames.Prefix(_config.Family);
        return _byName.GetValueOrDefault(name) ?? _byName.GetValueOrDefault(prefix + name)
            ?? (OldName(name) is { } old ? _byName.GetValueOrDefault(old) ?? _byName.GetValueOrDefault(prefix + old) : null);
    }

    /// <summary>Returns the name of a LayerNorm's tensor in files that were converted from TensorFlow.</summary>
    private static string? OldName(string name) =>
        name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? name[..^"weight".Length] + "gamma"
        : name.EndsWith("LayerNorm.bias", StringComparison.Ordinal) ? name[..^"bias".Length] + "beta"
        : null;

    private void Check(string source, string name, long[] shape)
    {
        if (Find(name) is not { } tensor)
        {
            string names = string.Join(", ", File.Tensors.Take(8).Select(t => $"'{t.Name}'"));
            throw new SafetensorsException(source, name, "the tensor", File.Tensors.Count == 0
                ? "no tensors"
                : $"only {names}{(File.Tensors.Count > 8 ? $" and {File.Tensors.Count - 8} more" : "")}",
                $"Is it the file of another model than the {_config.ModelType} that config.json describes?");
        }
        if (!tensor.Shape.SequenceEqual(shape))
        {
            string advice = name == TransformerNames.Words && tensor.Shape.Count == 2 && tensor.Shape[1] == shape[1]
                ? $"config.json says vocab_size {shape[0]}: was the vocabulary extended after one of the two was saved?"
                : "Do config.json and the weights belong to the same model?";
            throw new SafetensorsException(
                source, tensor.Name, $"the shape {SafetensorsTensor.Text(shape)}", SafetensorsTensor.Text(tensor.Shape), advice);
        }
        if (!tensor.IsFloating)
        {
            throw new SafetensorsException(
                source, tensor.Name, "F32, F16, BF16 or F64", tensor.Type.Name, "Save the model in one of these types.");
        }
        float[] values = tensor.Singles();
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            throw new SafetensorsException(
                source, tensor.Name, "finite numbers in single precision", $"{values[bad]} at {bad}", "Was training stable?");
        }
    }
}

using System.Text.Json;

namespace Microsoft.ML.Mrl;

/// <summary>The tensors of an encoder: those that its architecture has, checked, and others that its file holds, kept to be saved again.</summary>
internal sealed class TransformerWeights
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private static readonly string[] Pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

    private readonly Dictionary<string, StoredTensor> _byName;
    private readonly TransformerConfig _config;

    private TransformerWeights(TransformerConfig config, IReadOnlyList<StoredTensor> tensors, IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        _config = config;
        Tensors = tensors;
        Metadata = metadata;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>All tensors, in the order of their file.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; }

    /// <summary>The file's texts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; }

    /// <summary>The bytes of all tensors.</summary>
    public long Bytes => Tensors.Sum(t => (long)t.Bytes.Length);

    /// <summary>Reads <c>model.safetensors</c> of a folder, or the parts that <c>model.safetensors.index.json</c> names.</summary>
    /// <exception cref="FileNotFoundException">There are no weights.</exception>
    /// <exception cref="NotSupportedException">There is only a pickle, which is never read.</exception>
    /// <exception cref="SafetensorsException">A file is damaged, or a tensor is missing, has another shape or type, or is not finite.</exception>
    public static TransformerWeights Read(string folder, TransformerConfig config)
    {
        string single = Path.Combine(folder, SingleFile);
        string index = Path.Combine(folder, IndexFile);
        string[] parts = File.Exists(single) ? [single] : File.Exists(index) ? Parts(folder, index) : throw NoWeights(folder);
        var tensors = new List<StoredTensor>();
        var metadata = new List<KeyValuePair<string, string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in parts)
        {
            if (!File.Exists(part))
            {
                throw new FileNotFoundException($"'{index}' names the part '{Path.GetFileName(part)}', which is not there. Copy all parts of the model.", part);
            }
            using SafetensorsFile file = SafetensorsFile.Open(part);
            if (metadata.Count == 0)
            {
                metadata.AddRange(file.Metadata);
            }
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (!seen.Add(tensor.Name))
                {
                    throw new SafetensorsException(part, tensor.Name, "each tensor in one part only", "it in two", "Export the model again.");
                }
                tensors.Add(StoredTensor.Read(file, tensor));
            }
        }
        return Checked(parts.Length == 1 ? parts[0] : index, config, tensors, metadata);
    }

    /// <summary>Checks tensors that were read elsewhere.</summary>
    /// <param name="source">Where they came from, for messages.</param>
    /// <param name="config">What they must fit.</param>
    /// <param name="tensors">The tensors, in the order to keep them.</param>
    /// <param name="metadata">Texts that are kept with them.</param>
    public static TransformerWeights Checked(
        string source, TransformerConfig config, IReadOnlyList<StoredTensor> tensors, IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        var weights = new TransformerWeights(config, tensors, metadata);
        foreach ((string name, long[] shape) in TransformerNames.All(config))
        {
            weights.Check(source, name, shape);
        }
        return weights;
    }

    /// <summary>The tensor that the architecture calls by a name, whatever the file calls it.</summary>
    public StoredTensor this[string name] => Find(name)!;

    /// <summary>The same tensors with trained numbers in place of some, by the architecture's names.</summary>
    public TransformerWeights With(IReadOnlyDictionary<string, float[]> trained)
    {
        Dictionary<string, float[]> byFileName = trained.ToDictionary(pair => Find(pair.Key)!.Name, pair => pair.Value, StringComparer.Ordinal);
        return Checked("trained weights", _config, [.. Tensors.Select(t => byFileName.TryGetValue(t.Name, out float[]? values) ? StoredTensor.FromSingles(t.Name, t.Shape, values) : t)], Metadata);
    }

    /// <summary>Writes all tensors to one file: the same bytes as the file they came from, where that was one and the format's own library wrote it.</summary>
    public void Write(string folder) => SafetensorsWriter.Write(
        Path.Combine(folder, SingleFile), [.. Tensors.Select(t => (t.Name, t.Type, t.Shape))], (i, stream) => stream.Write(Tensors[i].Bytes), Metadata);

    private StoredTensor? Find(string name)
    {
        string prefix = TransformerNames.Prefix(_config.Family);
        return _byName.GetValueOrDefault(name) ?? _byName.GetValueOrDefault(prefix + name)
            ?? (OldName(name) is { } old ? _byName.GetValueOrDefault(old) ?? _byName.GetValueOrDefault(prefix + old) : null);
    }

    /// <summary>Files that were once converted from TensorFlow name a LayerNorm's tensors so.</summary>
    private static string? OldName(string name) =>
        name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? name[..^"weight".Length] + "gamma"
        : name.EndsWith("LayerNorm.bias", StringComparison.Ordinal) ? name[..^"bias".Length] + "beta"
        : null;

    private void Check(string source, string name, long[] shape)
    {
        if (Find(name) is not { } tensor)
        {
            string names = string.Join(", ", Tensors.Take(8).Select(t => $"'{t.Name}'"));
            throw new SafetensorsException(source, name, "the tensor", Tensors.Count == 0 ? "no tensors" : $"only {names}{(Tensors.Count > 8 ? $" and {Tensors.Count - 8} more" : "")}",
                $"Is it the file of another model than the {_config.ModelType} that config.json describes?");
        }
        if (!tensor.Shape.SequenceEqual(shape))
        {
            string advice = name == TransformerNames.Words && tensor.Shape.Count == 2 && tensor.Shape[1] == shape[1]
                ? $"config.json says vocab_size {shape[0]}: was the vocabulary extended after one of the two was saved?"
                : "Do config.json and the weights belong to the same model?";
            throw new SafetensorsException(source, tensor.Name, $"the shape {SafetensorsTensor.Text(shape)}", SafetensorsTensor.Text(tensor.Shape), advice);
        }
        if (!tensor.IsFloating)
        {
            throw new SafetensorsException(source, tensor.Name, "F32, F16, BF16 or F64", tensor.Type.Name, "Save the model in one of these types.");
        }
        float[] values = tensor.Singles();
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            throw new SafetensorsException(source, tensor.Name, "finite numbers in single precision", $"{values[bad]} at {bad}", "Was training stable?");
        }
    }

    private static string[] Parts(string folder, string index)
    {
        ModelJson file = ModelJson.Parse(index, File.ReadAllBytes(index));
        if (!file.Has("weight_map") || file.Root.GetProperty("weight_map") is not { ValueKind: JsonValueKind.Object } map)
        {
            throw new InvalidDataException($"'{index}' has no weight_map, which names the part of each tensor.");
        }
        string[] names = [.. map.EnumerateObject().Select(p => p.Value.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string? outside = names.FirstOrDefault(name => name.Length == 0 || name != Path.GetFileName(name) || name.Contains('\\', StringComparison.Ordinal));
        return outside is null ? [.. names.Select(name => Path.Combine(folder, name))]
            : throw new InvalidDataException($"'{index}' names the part '{outside}', which is no file of its own folder.");
    }

    private static Exception NoWeights(string folder) => Array.Exists(Pickles, name => File.Exists(Path.Combine(folder, name)))
        ? new NotSupportedException(
            $"'{folder}' has its weights only as a pickle ({Pickles[0]}). Pickles are never read: loading one can run any code that its maker put in. " +
            "If you trust it, convert it once in Python: model.save_pretrained(path, safe_serialization=True).")
        : new FileNotFoundException($"There is no {SingleFile} and no {IndexFile} in '{folder}'. Save the model in safetensors form (model.save_pretrained(path, safe_serialization=True)).", Path.Combine(folder, SingleFile));
}

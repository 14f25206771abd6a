using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents the content of a file of weights.</summary>
/// <param name="Tensors">Its tensors, in order.</param>
/// <param name="Metadata">Its texts.</param>
internal sealed record TensorFile(IReadOnlyList<StoredTensor> Tensors, IReadOnlyList<KeyValuePair<string, string>> Metadata)
{
    public const string Name = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";
    private static readonly string[] Pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Reads <c>model.safetensors</c> of a folder, or the parts that <c>model.safetensors.index.json</c> names.</summary>
    /// <exception cref="FileNotFoundException">There are no weights.</exception>
    /// <exception cref="NotSupportedException">There is only a pickle, which is never read.</exception>
    /// <exception cref="SafetensorsException">A file is damaged.</exception>
    public static TensorFile Read(string folder)
    {
        string single = Path.Combine(folder, Name);
        string index = Path.Combine(folder, IndexName);
        string[] parts = File.Exists(single) ? [single] : File.Exists(index) ? Parts(folder, index) : throw NoWeights(folder);
        var tensors = new List<StoredTensor>();
        var metadata = new List<KeyValuePair<string, string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in parts)
        {
            if (!File.Exists(part))
            {
                throw new FileNotFoundException(
                    $"'{index}' names the part '{Path.GetFileName(part)}', which is not there. Copy all parts of the model.", part);
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
                    throw new SafetensorsException(
                        part, tensor.Name, "each tensor in one part only", "it in two", "Export the model again.");
                }
                tensors.Add(StoredTensor.Read(file, tensor));
            }
        }
        return new TensorFile(tensors, metadata);
    }

    /// <summary>Writes one file: the same bytes as the one that was read, where that was one and the format's own library wrote
    /// it.</summary>
    public void Write(string folder) => SafetensorsWriter.Write(
        Path.Combine(folder, Name), [.. Tensors.Select(t => (t.Name, t.Type, t.Shape))], (i, stream) =>
            stream.Write(Tensors[i].Bytes), Metadata);

    private static string[] Parts(string folder, string index)
    {
        ModelJson file = ModelJson.Parse(index, ModelFiles.ReadBytes(index));
        if (!file.Has("weight_map") || file.Root.GetProperty("weight_map") is not { ValueKind: System.Text.Json.JsonValueKind.Object } map)
        {
            throw new InvalidDataException($"'{index}' has no weight_map, which names the part of each tensor.");
        }
        string[] names = [.. map.EnumerateObject().Select(p => p.Value.ToString())
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string? outside = names.FirstOrDefault(name => name.Length == 0 || name != Path.GetFileName(name)
            || name.Contains('\\', StringComparison.Ordinal));
        return outside is null ? [.. names.Select(name => Path.Combine(folder, name))]
            : throw new InvalidDataException($"'{index}' names the part '{outside}', which is not a file in its folder.");
    }

    private static Exception NoWeights(string folder) => Array.Exists(Pickles, name => File.Exists(Path.Combine(folder, name)))
        ? new NotSupportedException(
            $"'{folder}' has its weights only as a pickle ({Pickles[0]}). Pickles are never read: loading one can run any code that its " +
                $"maker put in. " +
            "If you trust it, convert it once in Python: model.save_pretrained(path, safe_serialization=True).")
        : new FileNotFoundException(
            $"There is no {Name}, no {IndexName} and no ONNX graph (onnx/model.onnx) in '{folder}'. Save the model in safetensors form " +
            "(model.save_pretrained(path, safe_serialization=True)).", Path.Combine(folder, Name));
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Imports the weights of a graph with the architecture of BERT, so that the encoder can be trained.</summary>
/// <remarks>
/// Exporters keep the names of embeddings, biases and LayerNorms, but give the weights of linear layers new names and transpose them. Which
/// layer a weight belongs to follows from the graph: the product that it makes goes to the addition of a bias, which has a name.
/// </remarks>
internal sealed class OnnxImporter
{
    /// <summary>What the names of operators on quantized numbers contain, unless they begin with Q.</summary>
    private static readonly string[] s_quantizers = ["Quantize", "Integer", "NBits"];

    private readonly string _source;
    private readonly GraphProto _graph;
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly Dictionary<string, NodeProto> _makers = [];

    private OnnxImporter(ModelProto model, string source)
    {
        _source = source;
        _graph = model.Graph;
        _constants = _graph.Initializer.GroupBy(t => t.Name).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (NodeProto node in _graph.Node)
        {
            foreach (string output in node.Output)
            {
                _makers[output] = node;
            }
            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } value)
            {
                _constants.TryAdd(node.Output[0], value);
            }
        }
    }

    /// <summary>Makes the trainable encoder.</summary>
    /// <param name="model">The graph, whose weights are all in it.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="encoder">The same graph as an encoder: its pooling, prompts and limits are taken.</param>
    /// <exception cref="NotSupportedException">The graph does not have the architecture of BERT.</exception>
    /// <exception cref="InvalidDataException">A weight is damaged.</exception>
    public static TransformerTextEncoder Import(ModelProto model, string source, OnnxTextEncoder encoder)
    {
        var importer = new OnnxImporter(model, source);
        importer.CheckOperators();
        string prefix = importer.FindPrefix();
        TensorFile tensors = importer.Tensors(prefix, out JsonObject config);
        config["pad_token_id"] = encoder.Tokenizer.PadId;
        string path = encoder.Content.TransformerPath;
        ModelFiles files = encoder.Content.Files.With(
            EncoderConfigs.File(SentenceModules.Join(path, EncoderFolder.ConfigFile), config),
            EncoderConfigs.File(
                SentenceModules.Join(path, SentenceConfig.FileName),
                new JsonObject { ["max_seq_length"] = encoder.MaxLength, ["do_lower_case"] = encoder.Content.LowerCase }));
        TransformerModel made = TransformerModel.From(files, folder => folder == path ? tensors : encoder.Content.DenseFiles[folder]);
        return new TransformerTextEncoder(made, encoder.TrainedDimensions, training: null);
    }

    /// <summary>Checks that the weights are where exporters put them, and not where quantizers and optimizers do.</summary>
    private void CheckOperators()
    {
        if (Names(n => n.OpType.StartsWith('Q') || s_quantizers.Any(part => n.OpType.Contains(part, StringComparison.OrdinalIgnoreCase)))
            is { Length: > 0 } quantizers)
        {
            throw NotBert($"its weights are quantized ({quantizers}), and such weights cannot be trained; give the graph before it was " +
                "quantized");
        }
        if (Names(n => n.Domain is not ("" or "ai.onnx")) is { Length: > 0 } fused)
        {
            throw NotBert($"an optimizer has fused its operators ({fused}); give the graph before it was optimized");
        }

        string Names(Func<NodeProto, bool> isMeant) =>
            string.Join(", ", _graph.Node.Where(isMeant).Select(n => n.OpType).Distinct().Order(StringComparer.Ordinal));
    }

    private string FindPrefix()
        => _constants.Keys.FirstOrDefault(name => name.EndsWith(TransformerNames.Words, StringComparison.Ordinal)) is { } words
        ? words[..^TransformerNames.Words.Length]
        : throw NotBert($"it has no weight '{TransformerNames.Words}'");

    private TensorFile Tensors(string prefix, out JsonObject config)
    {
        var tensors = new List<StoredTensor>();
        StoredTensor words = Named(TransformerNames.Words, 2);
        StoredTensor positions = Named(TransformerNames.Positions, 2);
        StoredTensor types = Named(TransformerNames.TokenTypes, 2);
        int width = (int)words.Shape[1];
        tensors.AddRange(
        [
            words, positions, types, Named(TransformerNames.EmbeddingNorm + ".weight", 1),
            Named(TransformerNames.EmbeddingNorm + ".bias", 1),
        ]);
        int layers = 0;
        int inner = 0;
        for (; _constants.ContainsKey(prefix + TransformerNames.Layer(TransformerFamily.Bert, layers).Query + ".bias"); layers++)
        {
            TransformerLayerNames names = TransformerNames.Layer(TransformerFamily.Bert, layers);
            foreach (string name in new[] { names.Query, names.Key, names.Value, names.AttentionOutput, names.Inner, names.Outer })
            {
                tensors.Add(Linear(prefix, name));
                tensors.Add(Named(name + ".bias", 1));
            }
            foreach (string name in new[] { names.AttentionNorm, names.OutputNorm })
            {
                tensors.Add(Named(name + ".weight", 1));
                tensors.Add(Named(name + ".bias", 1));
            }
            inner = (int)tensors.First(t => t.Name == names.Inner + ".weight").Shape[0];
        }
        if (layers == 0)
        {
            throw NotBert("it has no bias of a first layer's attention");
        }
        config = new JsonObject
        {
            ["architectures"] = new JsonArray("BertModel"),
            ["model_type"] = "bert",
            ["hidden_act"] = Activation(),
            ["hidden_size"] = width,
            ["intermediate_size"] = inner,
            ["layer_norm_eps"] = Epsilon(),
            ["max_position_embeddings"] = positions.Shape[0],
            ["num_attention_heads"] = Heads(width),
            ["num_hidden_layers"] = layers,
            ["type_vocab_size"] = types.Shape[0],
            ["vocab_size"] = words.Shape[0],
        };
        return new TensorFile(tensors, [new("format", "pt")]);

        StoredTensor Named(string name, int axes)
        {
            TensorProto tensor = _constants.GetValueOrDefault(prefix + name) ?? throw NotBert($"it has no weight '{prefix + name}'");
            return tensor.Dims.Count == axes
                ? StoredTensor.FromSingles(name, [.. tensor.Dims], Singles(tensor))
                : throw NotBert($"weight '{prefix + name}' has {tensor.Dims.Count} axes, not {axes}");
        }
    }

    /// <summary>Returns the weight of a linear layer, <c>[outputs, inputs]</c>, found by the bias that is added to its product.</summary>
    private StoredTensor Linear(string prefix, string name)
    {
        string bias = $"{prefix}{name}.bias";
        NodeProto[] users = [.. _graph.Node.Where(n => n.Input.Contains(bias))];
        if (users is [{ OpType: "Add", Input.Count: 2 } add])
        {
            string product = add.Input[0] == bias ? add.Input[1] : add.Input[0];
            if (_makers.GetValueOrDefault(product) is { OpType: "MatMul" } matMul
                && _constants.GetValueOrDefault(matMul.Input[1]) is { Dims.Count: 2 } weight)
            {
                return StoredTensor.FromSingles(name + ".weight", [weight.Dims[1], weight.Dims[0]], Transposed(weight));
            }
        }
        if (users is [{ OpType: "Gemm", Input.Count: 3 } gemm] && _constants.GetValueOrDefault(gemm.Input[1]) is { Dims.Count: 2 } matrix)
        {
            return gemm.Attribute.FirstOrDefault(a => a.Name == "transB")?.I == 1
                ? StoredTensor.FromSingles(name + ".weight", [.. matrix.Dims], Singles(matrix))
                : StoredTensor.FromSingles(name + ".weight", [matrix.Dims[1], matrix.Dims[0]], Transposed(matrix));
        }
        throw NotBert($"the weight to which '{bias}' belongs is not a matrix of its own");
    }

    private float[] Transposed(TensorProto weight)
    {
        (int inputs, int outputs) = ((int)weight.Dims[0], (int)weight.Dims[1]);
        float[] values = Singles(weight);
        var result = new float[values.Length];
        for (int i = 0; i < inputs; i++)
        {
            for (int o = 0; o < outputs; o++)
            {
                result[o * inputs + i] = values[i * outputs + o];
            }
        }
        return result;
    }

    private float[] Singles(TensorProto tensor)
    {
        long count = tensor.Dims.Aggregate(1L, (a, b) => checked(a * b));
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        float[] values = (DataType)tensor.DataType switch
        {
            DataType.Float when raw.Length > 0 => MemoryMarshal.Cast<byte, float>(raw).ToArray(),
            DataType.Float => [.. tensor.FloatData],
            DataType.Float16 when raw.Length > 0 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(raw).ToArray(), v => (float)v),
            DataType.Double when raw.Length > 0 => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(raw).ToArray(), v => (float)v),
            var type => throw NotBert($"weight '{tensor.Name}' is of type {type}; quantized graphs cannot be trained"),
        };
        return values.Length == count && Array.TrueForAll(values, float.IsFinite)
            ? values
            : throw new InvalidDataException(
                $"'{_source}': weight '{tensor.Name}' has {values.Length} numbers for {count} places, or some that are not finite.");
    }

    /// <summary>Returns the number of attention heads, into which the vector of a token is split.</summary>
    private int Heads(int width)
    {
        foreach (NodeProto node in _graph.Node.Where(n => n.OpType is "Concat" or "Reshape"))
        {
            long[] shape = node.OpType == "Reshape" ? Integers(node.Input[1]) : [.. node.Input.SelectMany(Integers)];
            if (shape is [.., var heads and > 0, var part and > 0] && heads * part == width)
            {
                return (int)heads;
            }
        }
        throw NotBert("the number of its attention heads cannot be found");
    }

    private double Epsilon()
    {
        if (_graph.Node.FirstOrDefault(n => n.OpType == "LayerNormalization") is { } norm)
        {
            return norm.Attribute.FirstOrDefault(a => a.Name == "epsilon")?.F is { } given ? Rounded(given) : 1e-5;
        }
        foreach (NodeProto root in _graph.Node.Where(n => n.OpType == "Sqrt"))
        {
            if (_makers.GetValueOrDefault(root.Input[0]) is { OpType: "Add" } add
                && add.Input.Select(i => _constants.GetValueOrDefault(i)).OfType<TensorProto>()
                    .FirstOrDefault() is { } epsilon && Singles(epsilon) is [> 0 and < 1e-2f and var value])
            {
                return Rounded(value);
            }
        }
        throw NotBert("its LayerNorm cannot be found");
    }

    /// <summary>Returns the decimal number that a value in single precision was rounded from.</summary>
    private static double Rounded(float value)
        => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private string Activation() => _graph.Node.Any(n => n.OpType is "Erf" or "Gelu") ? "gelu"
        : _graph.Node.Count(n => n.OpType == "Tanh") > 1 ? "gelu_new"
        : _graph.Node.Any(n => n.OpType == "Relu") ? "relu"
        : throw NotBert("its activation is neither GELU nor ReLU");

    private long[] Integers(string name)
    {
        if (_constants.GetValueOrDefault(name) is not { } tensor || (DataType)tensor.DataType != DataType.Int64)
        {
            return [-1];
        }
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        if (raw.Length == 0)
        {
            return [.. tensor.Int64Data];
        }
        var values = new long[raw.Length / sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(raw[(i * sizeof(long))..]);
        }
        return values;
    }

    private NotSupportedException NotBert(string why) => new(
        $"Cannot take the weights of '{_source}': {why}. Graphs in the shape of BERT, as PyTorch exports them, can be trained; " +
        "others can only be run.");
}

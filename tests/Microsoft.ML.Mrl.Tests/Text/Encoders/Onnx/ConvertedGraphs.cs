using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.OnnxRuntime;
using AttributeType = Microsoft.ML.Mrl.Export.Onnx.AttributeProto.Types.AttributeType;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>Graphs as people find them beside the one in single precision: in half precision, quantized, fused by an optimizer.</summary>
internal static class ConvertedGraphs
{
    /// <summary>
    /// Makes every number of single precision one of half precision, as onnxconverter-common does: weights, constants, casts, outputs.
    /// </summary>
    /// <param name="path">The graph.</param>
    /// <param name="target">Where the new one is written.</param>
    /// <param name="keepsOutputs">Whether outputs stay in single precision, behind a cast.</param>
    public static string ToHalf(string path, string target, bool keepsOutputs)
    {
        ModelProto model = Read(path);
        foreach (TensorProto tensor in OnnxWalk.Tensors(model).Where(t => (DataType)t.DataType == DataType.Float))
        {
            Half[] halves = Array.ConvertAll(Singles(tensor), v => v == 0 ? Half.Zero
                : (Half)float.CopySign(Math.Clamp(Math.Abs(v), 1e-7f, 1e4f), v));
            tensor.FloatData.Clear();
            tensor.DataType = (int)DataType.Float16;
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves));
        }
        foreach (AttributeProto to in model.Graph.Node.Where(n => n.OpType == "Cast").Select(n => n.Attribute.Single(a => a.Name == "to")))
        {
            to.I = to.I == (int)DataType.Float ? (int)DataType.Float16 : to.I;
        }
        model.Graph.ValueInfo.Clear();
        foreach (ValueInfoProto output in model.Graph.Output.Where(o => o.Type.TensorType.ElemType == (int)DataType.Float))
        {
            if (keepsOutputs)
            {
                (string name, string inner) = (output.Name, output.Name + "_half");
                OnnxWalk.Rename(model.Graph, name, inner);
                output.Name = name;
                var cast = new NodeProto { OpType = "Cast", Name = name + "_cast", Input = { inner }, Output = { name } };
                cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (int)DataType.Float });
                model.Graph.Node.Add(cast);
            }
            else
            {
                output.Type.TensorType.ElemType = (int)DataType.Float16;
            }
        }
        return Write(model, target);
    }

    /// <summary>Quantizes weights to 8 bits, as dynamic quantization of ONNX Runtime does with a scale for each output.</summary>
    /// <param name="path">The graph.</param>
    /// <param name="target">Where the new one is written.</param>
    /// <param name="tables">Whether tables of embeddings are quantized too.</param>
    public static string Quantize(string path, string target, bool tables)
    {
        ModelProto model = Read(path);
        GraphProto graph = model.Graph;
        Dictionary<string, TensorProto> weights = graph.Initializer.Where(t => t.Dims.Count == 2 && (DataType)t.DataType == DataType.Float)
            .ToDictionary(t => t.Name);
        var nodes = new List<NodeProto>();
        var quantized = new HashSet<string>();
        var activations = new HashSet<string>();
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType == "MatMul" && weights.TryGetValue(node.Input[1], out TensorProto? weight))
            {
                AddQuantized(weight, (int)weight.Dims[1]);
                string input = node.Input[0];
                if (activations.Add(input))
                {
                    nodes.Add(Node("DynamicQuantizeLinear", [input], input + "_quantized", input + "_scale", input + "_zero_point"));
                }
                string output = node.Output[0], name = weight.Name;
                nodes.Add(Node(
                    "MatMulInteger", [input + "_quantized", name + "_quantized", input + "_zero_point", name + "_zero_point"],
                    output + "_integer"));
                NodeProto cast = Node("Cast", [output + "_integer"], output + "_cast");
                cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (int)DataType.Float });
                nodes.Add(cast);
                nodes.Add(Node("Mul", [input + "_scale", name + "_scale"], output + "_scales"));
                nodes.Add(Node("Mul", [output + "_cast", output + "_scales"], output));
            }
            else if (tables && node.OpType == "Gather" && weights.TryGetValue(node.Input[0], out TensorProto? table))
            {
                AddQuantized(table, 1);
                NodeProto gather = Node("Gather", [table.Name + "_quantized", node.Input[1]], node.Output[0] + "_quantized");
                gather.Attribute.Add(node.Attribute);
                nodes.Add(gather);
                nodes.Add(Node(
                    "DequantizeLinear", [node.Output[0] + "_quantized", table.Name + "_scale", table.Name + "_zero_point"],
                    node.Output[0]));
            }
            else
            {
                nodes.Add(node);
            }
        }
        graph.Node.Clear();
        graph.Node.Add(nodes);
        foreach (TensorProto old in quantized.Select(name => weights[name]))
        {
            graph.Initializer.Remove(old);
        }
        return Write(model, target);

        // Values of one column of several have one scale, or all values where there is one.
        void AddQuantized(TensorProto tensor, int columns)
        {
            if (!quantized.Add(tensor.Name))
            {
                return;
            }
            float[] values = Singles(tensor);
            var scales = new float[columns];
            for (int i = 0; i < values.Length; i++)
            {
                scales[i % columns] = Math.Max(scales[i % columns], Math.Abs(values[i]) / 127);
            }
            var bytes = new byte[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                bytes[i] = (byte)(sbyte)Math.Round(values[i] / Math.Max(scales[i % columns], 1e-12f));
            }
            long[] shape = columns == 1 ? [] : [columns];
            Add("quantized", DataType.Int8, [.. tensor.Dims], bytes);
            Add("scale", DataType.Float, shape, [.. scales.SelectMany(BitConverter.GetBytes)]);
            Add("zero_point", DataType.Int8, shape, new byte[columns]);

            void Add(string part, DataType type, long[] dimensions, byte[] content)
            {
                var made = new TensorProto
                {
                    Name = $"{tensor.Name}_{part}", DataType = (int)type, RawData = ByteString.CopyFrom(content),
                };
                made.Dims.Add(dimensions);
                graph.Initializer.Add(made);
            }
        }
    }

    /// <summary>Lets ONNX Runtime fuse operators, as the files named model_O2.onnx have them.</summary>
    public static string Optimize(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = target,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(path, options);
        return target;
    }

    private static ModelProto Read(string path) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));

    private static string Write(ModelProto model, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, model.ToByteArray());
        return target;
    }

    private static float[] Singles(TensorProto tensor) => tensor.RawData.Length > 0
        ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
        : [.. tensor.FloatData];

    private static NodeProto Node(string type, string[] inputs, params string[] outputs)
    {
        var node = new NodeProto { OpType = type, Name = $"{type}_quantized_{outputs[0]}" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        return node;
    }
}

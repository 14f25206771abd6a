using Microsoft.ML.Mrl.Export.Onnx;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Makes a real ONNX model of what transformers wrote, as ML.NET's converter does, so that a runtime can run it.</summary>
internal static class RecordedModel
{
    public static void Write(RecordingOnnxContext recorded, IEnumerable<string> inputs, IEnumerable<string> outputs, string path)
    {
        var graph = new GraphProto { Name = "recorded" };
        graph.Input.Add(inputs.Select(Value));
        graph.Output.Add(outputs.Select(Value));
        foreach ((string name, (double[] values, long[] shape)) in recorded.Initializers)
        {
            var tensor = new TensorProto { Name = name };
            tensor.Dims.Add(shape);
            if (recorded.Integers.Contains(name))
            {
                tensor.DataType = (int)DataType.Int64;
                tensor.Int64Data.Add(values.Select(v => (long)v));
            }
            else
            {
                tensor.DataType = (int)DataType.Float;
                tensor.FloatData.Add(values.Select(v => (float)v));
            }
            graph.Initializer.Add(tensor);
        }
        foreach (RecordedNode recordedNode in recorded.Nodes)
        {
            var node = new NodeProto { OpType = recordedNode.Operation, Domain = recordedNode.Domain };
            node.Input.Add(recordedNode.Inputs);
            node.Output.Add(recordedNode.Output);
            foreach ((string name, long[] values) in recordedNode.Attributes)
            {
                bool scalar = recordedNode.Scalars.Contains(name);
                var attribute =
                    new AttributeProto { Name = name, Type = scalar ? AttributeProto.Types.AttributeType.Int
                    : AttributeProto.Types.AttributeType.Ints };
                if (scalar)
                {
                    attribute.I = values[0];
                }
                else
                {
                    attribute.Ints.Add(values);
                }
                node.Attribute.Add(attribute);
            }
            graph.Node.Add(node);
        }
        var model = new ModelProto { IrVersion = 6, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = recorded.OperatorSet });
        OnnxFile.Write(model, path);

        ValueInfoProto Value(string name) =>
            new() { Name = name,
                Type = OnnxFile.RowsOf(new TensorShapeProto.Types.Dimension { DimParam = "batch" }, recorded.Widths[name]) };
    }
}

using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Tests.Export.Onnx;

/// <summary>Small encoders made by hand.</summary>
internal static class SampleOnnxEncoders
{
    public const int Vocabulary = 20;

    /// <summary>The vector of a token, D values; the first token's are all 0.</summary>
    public static float[] Vector(long token, int width) =>
        [.. Enumerable.Range(0, width).Select(j => (float)Math.Sin(token * 7.3 * (j + 1)))];

    /// <summary>
    /// Tokens [N, T] to vectors: <c>token_embeddings</c> [N, T, D], and the mean over T of all, real or not, as <c>sentence_embedding</c>
    /// [N, D].
    /// </summary>
    public static ModelProto Tokens(
        int width, long operatorSet = 17, DataType type = DataType.Float, string sentence = "sentence_embedding",
        DataType mask = DataType.Int64)
    {
        var graph = new GraphProto { Name = "encoder" };
        graph.Input.Add(Value("input_ids", DataType.Int64, "batch", "tokens"));
        graph.Input.Add(Value("attention_mask", mask, "batch", "tokens"));
        graph.Initializer.Add(Tensor("table", [Vocabulary, width], [.. Enumerable.Range(0, Vocabulary).SelectMany(t => Vector(t, width))]));
        AddNode(graph, "Gather", ["table", "input_ids"], type == DataType.Float ? "token_embeddings" : "single_embeddings");
        if (type != DataType.Float)
        {
            AddNode(graph, "Cast", ["single_embeddings"], "token_embeddings").Attribute.Add(Integer("to", (long)type));
        }
        NodeProto mean = AddNode(graph, "ReduceMean", ["token_embeddings"], sentence);
        mean.Attribute.Add(Integer("keepdims", 0));
        if (operatorSet >= 18)
        {
            graph.Initializer.Add(new TensorProto { Name = "axis", DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { 1 } });
            mean.Input.Add("axis");
        }
        else
        {
            mean.Attribute.Add(new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 1 } });
        }
        graph.Output.Add(Value("token_embeddings", type, "batch", "tokens", width));
        graph.Output.Add(Value(sentence, type, "batch", width));
        var model = new ModelProto { IrVersion = 7, Graph = graph, ProducerName = "encoder's maker" };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = operatorSet });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "licence", Value = "mine" });
        return model;
    }

    /// <summary>The mean of the tokens' vectors where the mask is 1.</summary>
    public static float[][] Mean(long[][] tokens, long[][] mask, int width) =>
        [.. tokens.Zip(mask, (row, m) =>
        {
            float[][] real = [.. row.Where((_, i) => m[i] == 1).Select(t => Vector(t, width))];
            return Enumerable.Range(0, width).Select(j => real.Length == 0 ? 0 : (float)(real.Sum(v => (double)v[j]) / real.Length))
                .ToArray();
        })];

    public static ValueInfoProto Value(string name, DataType type, params object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (object length in shape)
        {
            dimensions.Dim.Add(
                length is int number ? new TensorShapeProto.Types.Dimension { DimValue = number }
                : new TensorShapeProto.Types.Dimension { DimParam = (string)length });
        }
        return new ValueInfoProto { Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } } };
    }

    public static NodeProto AddNode(GraphProto graph, string operation, string[] inputs, string output)
    {
        var node = new NodeProto { OpType = operation, Name = "node_" + output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        graph.Node.Add(node);
        return node;
    }

    public static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static TensorProto Tensor(string name, long[] shape, float[] values)
    {
        var tensor =
            new TensorProto { Name = name, DataType = (int)DataType.Float,
            RawData = ByteString.CopyFrom(values.SelectMany(BitConverter.GetBytes).ToArray()) };
        tensor.Dims.Add(shape);
        return tensor;
    }
}

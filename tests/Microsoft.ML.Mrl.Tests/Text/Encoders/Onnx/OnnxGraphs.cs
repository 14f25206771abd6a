using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;
using Dimension = Microsoft.ML.Mrl.Export.Onnx.TensorShapeProto.Types.Dimension;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

/// <summary>Small graphs in the shapes that exporters give encoders. A token's vector is a row of a random table, plus what each further
/// input adds.</summary>
internal sealed class OnnxGraphs
{
    public const int Hidden = 4;
    public const int Tokens = 40;

    private readonly GraphProto _graph = new() { Name = "test" };
    private readonly OnnxGraphBuilder _builder;

    public OnnxGraphs(long operatorSet = 17)
    {
        _builder = new OnnxGraphBuilder(_graph, new OnnxNames(), operatorSet);
        OperatorSet = operatorSet;
        var random = new Random(3);
        Table = [.. Enumerable.Range(0, Tokens * Hidden).Select(_ => (float)(random.NextDouble() - 0.5))];
        Value = "";
    }

    public float[] Table { get; }

    private long OperatorSet { get; }

    private Dimension Batch { get; init; } = Free("batch");

    private Dimension Sequence { get; init; } = Free("sequence");

    /// <summary>A graph that takes one number of texts, or of tokens, alone.</summary>
    public static OnnxGraphs Fixed(int? rows, int? length) => new()
    {
        Batch = rows is { } n ? new() { DimValue = n } : Free("batch"), Sequence = length is { } t ? new() { DimValue = t } : Free("sequence"),
    };

    private string Value { get; set; }

    public OnnxGraphs Ids(string name = "input_ids", DataType type = DataType.Int64)
    {
        Input(name, type, Batch, Sequence);
        Value = _builder.Add("Gather", "words", _builder.Singles("table", Table, [Tokens, Hidden]), name);
        return this;
    }

    /// <summary>An input of whole numbers that is added to every value, divided by 10.</summary>
    public OnnxGraphs Added(string name)
    {
        Input(name, DataType.Int64, Batch, Sequence);
        string part = _builder.Add("Mul", "part", _builder.CastToSingle("numbers", name), _builder.Single("tenth", 0.1f));
        Value = _builder.Add("Add", "sum", Value, _builder.Unsqueeze("column", part, 2));
        return this;
    }

    /// <summary>An input that is there and changes nothing: keys of tokens before the text.</summary>
    public OnnxGraphs Cache(string name)
    {
        Input(name, DataType.Float, Free("batch"), new() { DimValue = 2 }, Free("past"), new() { DimValue = 3 });
        string nothing = _builder.Reduce(
            "ReduceSum", "cache_sum", _builder.Reduce(
                "ReduceSum", "cache_row", _builder.Squeeze("cache_one", _builder.Reduce("ReduceSum", "cache_heads", name, 1), 1), 2), 1);
        Value = _builder.Add("Add", "with_cache", Value, nothing);
        return this;
    }

    public OnnxGraphs Input(string name, DataType type, params Dimension[] shape)
    {
        _graph.Input.Add(Info(name, type, shape));
        return this;
    }

    public OnnxGraphs Output(string name, bool knowsWidth = true)
    {
        _builder.AddNode("Identity", name, Value);
        _graph.Output.Add(
            Info(name, DataType.Float, Free("batch"), Free("sequence"), knowsWidth ? new() { DimValue = Hidden } : Free("width")));
        return this;
    }

    /// <summary>An output of one vector a text: the sum of all its tokens.</summary>
    public OnnxGraphs Pooled(string name)
    {
        _builder.AddNode("Identity", name, _builder.Reduce("ReduceSum", "all", Value, 1, keepAxis: false));
        _graph.Output.Add(Info(name, DataType.Float, Free("batch"), new() { DimValue = Hidden }));
        return this;
    }

    public void Write(string path)
    {
        var model = new ModelProto { IrVersion = 8, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, model.ToByteArray());
    }

    public static Dimension Free(string name) => new() { DimParam = name };

    private static ValueInfoProto Info(string name, DataType type, params Dimension[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(shape);
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}


namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Visits a graph and the graphs inside its nodes. The protobuf reader limits their depth.</summary>
internal static class OnnxWalk
{
    /// <summary>Returns the graph, and those in the attributes of its nodes (branches, loop bodies), outermost first.</summary>
    public static IEnumerable<GraphProto> Graphs(GraphProto graph) => new[] { graph }.Concat(graph.Node.SelectMany(Graphs));

    /// <summary>Returns all tensors that a model stores.</summary>
    public static IEnumerable<TensorProto> Tensors(ModelProto model)
    {
        IEnumerable<GraphProto> graphs = Graphs(model.Graph);
        IEnumerable<NodeProto> functionNodes = model.Functions.SelectMany(f => f.Node);
        graphs = graphs.Concat(functionNodes.SelectMany(Graphs))
            .Concat(model.TrainingInfo.SelectMany(t => new[] { t.Initialization, t.Algorithm }).Where(g =>
                g is not null).SelectMany(Graphs));
        return graphs.SelectMany(g => g.Initializer.Concat(Of(g.SparseInitializer)).Concat(g.Node.SelectMany(Of)))
            .Concat(functionNodes.SelectMany(Of));
    }

    /// <summary>Returns the names of all values and nodes, those of inner graphs too: a name means one thing in all of them.</summary>
    public static OnnxNames Names(GraphProto graph)
    {
        var names = new OnnxNames();
        foreach (GraphProto inner in Graphs(graph))
        {
            foreach (string value in inner.Input.Concat(inner.Output).Concat(inner.ValueInfo).Select(v => v.Name)
                .Concat(inner.Initializer.Select(t => t.Name)).Concat(Of(inner.SparseInitializer).Select(t =>
                    t.Name)).Concat(inner.Node.SelectMany(n => n.Input.Concat(n.Output))))
            {
                names.TakeValue(value);
            }
            foreach (NodeProto node in inner.Node)
            {
                names.TakeNode(node.Name);
            }
        }
        return names;
    }

    /// <summary>Gives a value another name everywhere.</summary>
    public static void Rename(GraphProto graph, string from, string to)
    {
        foreach (GraphProto inner in Graphs(graph))
        {
            foreach (ValueInfoProto value in inner.Input.Concat(inner.Output).Concat(inner.ValueInfo).Where(v => v.Name == from))
            {
                value.Name = to;
            }
            foreach (NodeProto node in inner.Node)
            {
                Replace(node.Input, from, to);
                Replace(node.Output, from, to);
            }
            foreach (TensorAnnotation annotation in inner.QuantizationAnnotation.Where(a => a.TensorName == from))
            {
                annotation.TensorName = to;
            }
        }
    }

    private static IEnumerable<GraphProto> Graphs(NodeProto node) =>
        node.Attribute.SelectMany(a => (a.G is null ? a.Graphs : a.Graphs.Prepend(a.G)).SelectMany(Graphs));

    private static IEnumerable<TensorProto> Of(NodeProto node) => node.Attribute.SelectMany(a =>
        (a.T is null ? a.Tensors : a.Tensors.Prepend(a.T)).Concat(Of(a.SparseTensor is null ? a.SparseTensors
            : a.SparseTensors.Prepend(a.SparseTensor))));

    private static IEnumerable<TensorProto> Of(IEnumerable<SparseTensorProto> sparse) =>
        sparse.SelectMany(s => new[] { s.Values, s.Indices }).Where(t => t is not null);

    private static void Replace(IList<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
            {
                names[i] = to;
            }
        }
    }
}

using Microsoft.ML.Mrl.Export.Onnx;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

/// <summary>Writes activations as ONNX nodes.</summary>
internal static class OnnxActivation
{
    public static string Write(OnnxGraphBuilder graph, TransformerActivation activation, string x, string prefix)
    {
        string Half(string factor) =>
            graph.Add("Mul", prefix + "active",
            graph.Add("Mul", prefix + "weighed", x,
            graph.Add("Add", prefix + "factor", factor, graph.Single(prefix + "one", 1))), graph.Single(prefix + "half", 0.5f));
        switch (activation)
        {
            case TransformerActivation.Identity:
                return x;
            case TransformerActivation.Gelu:
                return Half(
                    graph.Add(
                    "Erf", prefix + "erf", graph.Add("Div", prefix + "scaled", x, graph.Single(prefix + "root_2", MathF.Sqrt(2)))));
            case TransformerActivation.GeluTanh:
                string cube = graph.Add("Mul", prefix + "cube", graph.Add("Mul", prefix + "square", x, x), x);
                string inner = graph.Add(
                    "Add", prefix + "bent", x, graph.Add("Mul", prefix + "cubic", cube, graph.Single(prefix + "bend", 0.044715f)));
                return Half(
                    graph.Add("Tanh", prefix + "tanh",
                    graph.Add("Mul", prefix + "scaled", inner, graph.Single(prefix + "root", (float)Math.Sqrt(2 / Math.PI)))));
            case TransformerActivation.Silu:
                return graph.Add("Mul", prefix + "active", x, graph.Add("Sigmoid", prefix + "gate", x));
            default:
                return graph.Add(activation.ToString(), prefix + "active", x);
        }
    }
}

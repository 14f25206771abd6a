namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Runs the few ONNX operators that the transformers write, in single precision, on one row <c>[1, D]</c>, as the operators'
/// specification says.</summary>
internal static class OnnxInterpreter
{
    public static float[] Run(RecordingOnnxContext graph, Dictionary<string, float[]> inputs, string output)
    {
        var values = new Dictionary<string, float[]>(inputs);
        foreach ((string name, (double[] numbers, _)) in graph.Initializers)
        {
            values.Add(name, [.. numbers.Select(n => (float)n)]);
        }
        foreach (RecordedNode node in graph.Nodes)
        {
            Assert.Equal("", node.Domain);
            float[][] given = [.. node.Inputs.Select(i => values[i])];
            float[] result = node.Operation switch
            {
                "Slice" => Slice(graph, node, given),
                "ReduceL2" => [MathF.Sqrt(Reduce(node, given[0], (sum, v) => sum + v * v))],
                "ReduceMax" => [Reduce(node, given[0], MathF.Max)],
                "Abs" => [.. given[0].Select(MathF.Abs)],
                "Clip" => [.. given[0].Select(v => MathF.Min(MathF.Max(v, given[1][0]), given[2][0]))],
                "Less" => Broadcast(given[0], given[1], (a, b) => a < b ? 1 : 0),
                "Where" => [given[0][0] != 0 ? given[1][0] : given[2][0]],
                "Div" => Broadcast(given[0], given[1], (a, b) => a / b),
                "Gemm" => Gemm(graph, node, given),
                "MatMul" => MatMul(graph, node, given),
                "Relu" => [.. given[0].Select(v => v > 0 ? v : 0)],
                "Add" => Add(given),
                _ => throw new NotSupportedException(node.Operation),
            };
            // A variable whose width is left to the runtime has none.
            Assert.Equal(graph.Widths.GetValueOrDefault(node.Output, result.Length), result.Length);
            values.Add(node.Output, result);
        }
        return values[output];
    }

    // starts, ends and axes are int64 tensors of rank 1; axis 1 is the width.
    private static float[] Slice(RecordingOnnxContext graph, RecordedNode node, float[][] given)
    {
        Assert.Equal(4, given.Length);
        Assert.All(node.Inputs[1..], i => Assert.Equal([1L], graph.Initializers[i].Shape));
        Assert.Equal(1f, given[3][0]);
        return given[0][(int)given[1][0]..Math.Min((int)given[2][0], given[0].Length)];
    }

    private static float Reduce(RecordedNode node, float[] x, Func<float, float, float> f)
    {
        Assert.Equal([1L], node.Attributes["axes"]);
        Assert.Equal([1L], node.Attributes["keepdims"]);
        return x.Aggregate(0f, f);
    }

    // A · B + C with A [1, K], B [K, N], C [N]; no transposition unless an attribute says so.
    private static float[] Gemm(RecordingOnnxContext graph, RecordedNode node, float[][] given)
    {
        Assert.Empty(node.Attributes);
        long[] shape = graph.Initializers[node.Inputs[1]].Shape;
        Assert.Equal(given[0].Length, shape[0]);
        Assert.Equal([shape[1]], graph.Initializers[node.Inputs[2]].Shape);
        return Multiply(given[0], given[1], [.. given[2]]);
    }

    // A · B with A [1, K], B [K, N].
    private static float[] MatMul(RecordingOnnxContext graph, RecordedNode node, float[][] given)
    {
        Assert.Empty(node.Attributes);
        Assert.Equal(2, given.Length);
        long[] shape = graph.Initializers[node.Inputs[1]].Shape;
        Assert.Equal(given[0].Length, shape[0]);
        return Multiply(given[0], given[1], new float[shape[1]]);
    }

    private static float[] Multiply(float[] a, float[] b, float[] y)
    {
        for (int j = 0; j < y.Length; j++)
        {
            for (int i = 0; i < a.Length; i++)
            {
                y[j] += a[i] * b[i * y.Length + j];
            }
        }
        return y;
    }

    private static float[] Add(float[][] given)
    {
        Assert.Equal(2, given.Length);
        Assert.Equal(given[0].Length, given[1].Length);
        return Broadcast(given[0], given[1], (a, b) => a + b);
    }

    private static float[] Broadcast(float[] a, float[] b, Func<float, float, float> f) =>
        [.. Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(i => f(a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]))];
}

using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>
/// Writes the nodes that quantize embeddings <c>[N, m]</c> of finite values, and that dequantize them. They return the same bits as the
/// transformers.
/// </summary>
internal static class QuantizedOnnx
{
    private const float LargestHalf = 65504;

    // What the mantissa of half precision counts to, and what a value below the smallest normal one is multiplied by to count it.
    private const float Mantissa = 1024, Subnormal = 1 << 24;

    public static void Quantize(OnnxNodes nodes, string values, QuantizedColumn column, string output)
    {
        switch (column.Type)
        {
            case EmbeddingType.Half:
                QuantizeHalf(nodes, values, output);
                break;
            case EmbeddingType.Int8:
                QuantizeInt8(nodes, values, column.Ranges!, output);
                break;
            default:
                Pack(nodes, values, column.Dimensions, output);
                break;
        }
    }

    public static void Dequantize(OnnxNodes nodes, string items, QuantizedColumn column, string output)
    {
        switch (column.Type)
        {
            case EmbeddingType.Half:
                DequantizeHalf(nodes, items, output);
                break;
            case EmbeddingType.Int8:
                DequantizeInt8(nodes, items, column.Ranges!, output);
                break;
            case EmbeddingType.Binary:
                Unpack(nodes, items, column.Dimensions, output);
                break;
            default:
                nodes.Add("Identity", [items], output);
                break;
        }
    }

    private static void QuantizeInt8(OnnxNodes nodes, string values, Int8Ranges ranges, string output)
    {
        // A dimension without width has the code 0.
        float[] zero = [.. ranges.Scale.ToArray().Select(scale => scale == 0 ? 0f : 128f)];
        string codes;
        if (ranges.HasHugeValues)
        {
            string offset = nodes.Add("Sub", [nodes.Cast(values, OnnxNodes.Double), nodes.Row(Doubles(ranges.Minimum))]);
            codes = nodes.Cast(nodes.Add("Mul", [offset, nodes.Row(Doubles(ranges.Scale))]), OnnxNodes.Single);
        }
        else
        {
            string offset = nodes.Add("Sub", [values, nodes.Row(ranges.Minimum.ToArray())]);
            codes = nodes.Add("Mul", [offset, nodes.Row(ranges.Scale.ToArray())]);
        }
        string whole = nodes.Add("Round", [nodes.Add("Clip", [codes, nodes.Scalar(0), nodes.Scalar(255)])]);
        nodes.Cast(nodes.Add("Sub", [whole, nodes.Row(zero)]), OnnxNodes.Int8, output);
    }

    private static void DequantizeInt8(OnnxNodes nodes, string codes, Int8Ranges ranges, string output)
    {
        string steps = nodes.Add("Add", [nodes.Cast(codes, OnnxNodes.Single), nodes.Scalar(128)]);
        if (ranges.HasHugeValues)
        {
            string offset = nodes.Add("Mul", [nodes.Cast(steps, OnnxNodes.Double), nodes.Row(Doubles(ranges.Step))]);
            string value = nodes.Add("Add", [nodes.Row(Doubles(ranges.Minimum)), offset]);
            nodes.Cast(nodes.Add("Min", [value, nodes.Row(Doubles(ranges.Maximum))]), OnnxNodes.Single, output);
            return;
        }
        string above = nodes.Add("Mul", [steps, nodes.Row(ranges.Step.ToArray())]);
        nodes.Add("Add", [nodes.Row(ranges.Minimum.ToArray()), above], output);
    }

    private static void Pack(OnnxNodes nodes, string values, int dimensions, string output)
    {
        int bytes = BinaryCodec.ByteCount(dimensions);
        string bits = nodes.Cast(nodes.Add("Greater", [values, nodes.Scalar(0)]), OnnxNodes.Single);
        if (dimensions < 8 * bytes)
        {
            bits = nodes.Add("Pad", [bits, nodes.Numbers(0, 0, 0, (8 * bytes) - dimensions)]);
        }
        string eights = nodes.Reshape(bits, -1, bytes, 8);
        string sums = nodes.Add("MatMul", [eights, nodes.Values(s_places, 8, 1)]);
        nodes.Cast(nodes.Reshape(sums, -1, bytes), OnnxNodes.UInt8, output);
    }

    private static void Unpack(OnnxNodes nodes, string items, int dimensions, string output)
    {
        int bytes = BinaryCodec.ByteCount(dimensions);
        string numbers = nodes.Reshape(nodes.Cast(items, OnnxNodes.Single), -1, bytes, 1);
        string shifted = nodes.Add("Floor", [nodes.Add("Div", [numbers, nodes.Values(s_places, 1, 1, 8)])]);
        string two = nodes.Scalar(2);
        string even = nodes.Add("Mul", [nodes.Add("Floor", [nodes.Add("Div", [shifted, two])]), two]);
        string bits = nodes.Reshape(nodes.Add("Sub", [shifted, even]), -1, 8L * bytes);
        if (dimensions < 8 * bytes)
        {
            bits = nodes.Columns(bits, 0, dimensions);
        }
        float value = 1 / MathF.Sqrt(dimensions);
        nodes.Add("Where", [nodes.Add("Greater", [bits, nodes.Scalar(0)]), nodes.Scalar(value), nodes.Scalar(-value)], output);
    }

    // The format has no operator that reads the bits of a number, so they are counted: the sign, 1024 for each power of two, and the rest.
    private static void QuantizeHalf(OnnxNodes nodes, string values, string output)
    {
        string inRange = nodes.Add("Clip", [values, nodes.Scalar(-LargestHalf), nodes.Scalar(LargestHalf)]);
        string rounded = nodes.Cast(nodes.Cast(inRange, OnnxNodes.Half), OnnxNodes.Single);
        string rest = nodes.Add("Mul", [nodes.Add("Abs", [rounded]), nodes.Scalar(Subnormal)]);
        // The sign of 1/x is that of x for both zeros too.
        string isNegative = nodes.Add("Less", [nodes.Add("Div", [nodes.Scalar(1), values]), nodes.Scalar(0)]);
        string bits = nodes.Add("Where", [isNegative, nodes.Scalar(32768), nodes.Scalar(0)]);
        for (int powers = 16; powers > 0; powers /= 2)
        {
            string isBelow = nodes.Add("Less", [rest, nodes.Scalar(MathF.ScaleB(Mantissa, powers))]);
            rest = nodes.Add("Mul", [rest, nodes.Add("Where", [isBelow, nodes.Scalar(1), nodes.Scalar(MathF.ScaleB(1, -powers))])]);
            bits = nodes.Add("Add", [bits, nodes.Add("Where", [isBelow, nodes.Scalar(0), nodes.Scalar(powers * Mantissa)])]);
        }
        nodes.Cast(nodes.Add("Add", [bits, rest]), OnnxNodes.UInt16, output);
    }

    private static void DequantizeHalf(OnnxNodes nodes, string items, string output)
    {
        // For each sign and exponent, what the mantissa is multiplied by, and what is added to it first.
        float[] unit = new float[64], implied = new float[64];
        for (int i = 0; i < 64; i++)
        {
            int exponent = i % 32;
            float size = exponent switch { 0 => 1 / Subnormal, 31 => float.PositiveInfinity, _ => MathF.ScaleB(1, exponent - 25) };
            unit[i] = i < 32 ? size : -size;
            implied[i] = exponent == 0 ? 0 : Mantissa;
        }
        string numbers = nodes.Cast(items, OnnxNodes.Single);
        string size1024 = nodes.Scalar(Mantissa);
        string top = nodes.Add("Floor", [nodes.Add("Div", [numbers, size1024])]);
        string mantissa = nodes.Add("Sub", [numbers, nodes.Add("Mul", [top, size1024])]);
        string at = nodes.Cast(top, OnnxNodes.Int64);
        string whole = nodes.Add("Add", [mantissa, nodes.Add("Gather", [nodes.Values(implied, 64), at])]);
        nodes.Add("Mul", [whole, nodes.Add("Gather", [nodes.Values(unit, 64), at])], output);
    }

    private static readonly float[] s_places = [128, 64, 32, 16, 8, 4, 2, 1];

    private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);
}

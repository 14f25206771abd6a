using Microsoft.Extensions.AI;

namespace Microsoft.ML.Mrl.Extensions.VectorData.Records;

/// <summary>Converts between vectors and the types that a vector property may have.</summary>
internal static class VectorValue
{
    public const string Types = "ReadOnlyMemory<float>, float[] or Embedding<float>";

    public static bool IsVector(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(ReadOnlyMemory<float>) || type == typeof(float[]) || type == typeof(Embedding<float>);
    }

    /// <summary>Reads a vector; null is an empty one.</summary>
    /// <exception cref="NotSupportedException">The value is no vector.</exception>
    public static ReadOnlyMemory<float> Read(object? value, string name) => value switch
    {
        null => default,
        ReadOnlyMemory<float> memory => memory,
        float[] array => array,
        Embedding<float> embedding => embedding.Vector,
        _ => throw new NotSupportedException($"{name} is a {value.GetType().Name}, not a {Types}."),
    };

    /// <summary>Makes a vector a value of one of the types.</summary>
    public static object Of(float[] vector, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(float[]) ? vector
            : type == typeof(Embedding<float>) ? new Embedding<float>(vector)
            : new ReadOnlyMemory<float>(vector);
    }
}

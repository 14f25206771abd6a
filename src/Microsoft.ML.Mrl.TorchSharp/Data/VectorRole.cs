namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>What a vector column is in an objective.</summary>
/// <param name="Kind">The kind of role, in the order in which roles are handled.</param>
/// <param name="Number">Which of several columns of that kind, from 0.</param>
internal readonly record struct VectorRole(VectorRole.Kinds Kind, int Number = 0) : IComparable<VectorRole>
{
    public enum Kinds
    {
        Anchor,
        Positive,
        Negative,
        Teacher,
    }

    /// <summary>The input column.</summary>
    public static VectorRole Anchor => new(Kinds.Anchor);

    /// <summary>The column that belongs to the input, or is compared with it.</summary>
    public static VectorRole Positive => new(Kinds.Positive);

    /// <summary>The first column that must not be near the input.</summary>
    public static VectorRole Negative => NegativeAt(0);

    /// <summary>Another model's vectors, of any width; never given to the head.</summary>
    public static VectorRole Teacher => new(Kinds.Teacher);

    /// <summary>Whether the head maps this column.</summary>
    public bool IsEmbedded => Kind != Kinds.Teacher;

    /// <summary>One of the columns that must not be near the input.</summary>
    public static VectorRole NegativeAt(int number) => new(Kinds.Negative, number);

    public int CompareTo(VectorRole other) => (Kind, Number).CompareTo((other.Kind, other.Number));

    public override string ToString() => Kind switch
    {
        Kinds.Anchor => "input",
        Kinds.Positive => "positive",
        Kinds.Negative => "negative",
        _ => "teacher",
    };
}

using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>The columns that an objective needs besides the input, by role, and what it needs to know of them.</summary>
internal sealed record RoleColumns
{
    public string? Positive { get; init; }

    public IReadOnlyList<string> Negatives { get; init; } = [];

    public string? Teacher { get; init; }

    public string? Label { get; init; }

    public string? Score { get; init; }

    /// <summary>
    /// Whether labels are classes to be learned, each of which must keep a training row, rather than marks of what belongs together.
    /// </summary>
    public bool LearnsLabels { get; init; } = true;

    /// <summary>Whether batches carry the inputs as they came beside their embeddings.</summary>
    public bool Originals { get; init; }

    /// <summary>Which false negatives batches mark.</summary>
    public FalseNegativeRule FalseNegatives { get; init; }

    /// <summary>The vector columns besides the input, by role.</summary>
    public IEnumerable<(VectorRole Role, string ColumnName)> Vectors
    {
        get
        {
            if (Positive is not null)
            {
                yield return (VectorRole.Positive, Positive);
            }
            for (int i = 0; i < Negatives.Count; i++)
            {
                yield return (VectorRole.NegativeAt(i), Negatives[i]);
            }
            if (Teacher is not null)
            {
                yield return (VectorRole.Teacher, Teacher);
            }
        }
    }

    /// <summary>Makes sure that the label and score columns, where they are needed, are there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is missing.</exception>
    public void RequireSupervision(IHost host, SchemaShape shape)
    {
        foreach ((string? name, string role) in new[] { (Label, "label"), (Score, "score") })
        {
            if (name is not null)
            {
                EmbeddingSchema.RequireColumn(host, shape, name, role);
            }
        }
    }

    /// <summary>What two objectives need together.</summary>
    /// <exception cref="ArgumentException">They need different columns in one role.</exception>
    public static RoleColumns Merge(RoleColumns one, RoleColumns other) => new()
    {
        Positive = Same("positive", one.Positive, other.Positive),
        Negatives = one.Negatives.Count == 0 ? other.Negatives
            : other.Negatives.Count == 0 || one.Negatives.SequenceEqual(other.Negatives) ? one.Negatives
            : throw Conflict("negative", string.Join(", ", one.Negatives), string.Join(", ", other.Negatives)),
        Teacher = Same("teacher", one.Teacher, other.Teacher),
        Label = Same("label", one.Label, other.Label),
        Score = Same("score", one.Score, other.Score),
        LearnsLabels = (one.Label is not null && one.LearnsLabels) || (other.Label is not null && other.LearnsLabels),
        Originals = one.Originals || other.Originals,
        FalseNegatives = one.FalseNegatives | other.FalseNegatives,
    };

    private static string? Same(string role, string? one, string? other) =>
        one is null || other is null || one == other ? one ?? other : throw Conflict(role, one, other);

    private static ArgumentException Conflict(string role, string one, string other) =>
        new(
            $"One objective has the {role} column '{one}', another '{other}'. "
            + "Objectives that are trained together use the same column for it.",
            "parts");
}

/// <summary>Which rows of a batch are known to be no negatives of each other.</summary>
[Flags]
internal enum FalseNegativeRule
{
    None = 0,

    /// <summary>A candidate equal to the row's own positive or to its input, and the positive of an equal input.</summary>
    EqualVectors = 1,

    /// <summary>The positive of a row with the same label.</summary>
    EqualLabels = 2,
}

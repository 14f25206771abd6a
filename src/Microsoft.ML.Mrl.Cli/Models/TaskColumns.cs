using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Represents the names of the columns that a task has in data views and in the model.</summary>
/// <param name="Input">The input of the model.</param>
/// <param name="Positive">The positives, of the same kind as the input.</param>
/// <param name="Negative">The negatives, of the same kind as the input.</param>
/// <param name="Target">The label or the score.</param>
/// <param name="IsText">Whether the input is text.</param>
/// <param name="IsEncoded">Whether an encoder makes vectors of the text.</param>
internal sealed record TaskColumns(
    string Input, string? Positive, string? Negative, string? Target, bool IsText, bool IsEncoded = false)
{
    /// <summary>The column that the model makes.</summary>
    public const string Embedding = "Embedding";

    /// <summary>The embedding of the positive.</summary>
    public const string PositiveEmbedding = "PositiveEmbedding";

    private const string TextFeatures = "Features";

    /// <summary>Gets the vectors that a head learns from: those of an encoder, the text features, or the vectors themselves.</summary>
    public string Features => !IsText ? Input : IsEncoded ? nameof(ExampleRow.Vector) : TextFeatures;

    public string? PositiveFeatures => Positive is null || !IsText ? Positive
        : IsEncoded ? nameof(ExampleRow.PositiveVector)
        : "Positive" + TextFeatures;

    public string? NegativeFeatures => Negative is null || !IsText ? Negative
        : IsEncoded ? nameof(ExampleRow.NegativeVector)
        : "Negative" + TextFeatures;

    /// <summary>Gets the columns of the rows.</summary>
    public IEnumerable<string> OfRows => new[] { Input, Positive, Negative, Target }.OfType<string>();

    /// <summary>Gets the columns of the vectors that a head is trained on.</summary>
    public IEnumerable<string> OfFeatures => new[] { Features, PositiveFeatures, NegativeFeatures }.OfType<string>();

    /// <summary>Gets the columns that a head is trained on.</summary>
    public IEnumerable<string> OfTraining => new[] { Features, PositiveFeatures, NegativeFeatures, Target }.OfType<string>();

    /// <summary>Returns the columns that an encoder, or else a head, learns from.</summary>
    public LearnedColumns Learned(bool byEncoder) =>
        byEncoder ? new(Input, Positive, Negative) : new(Features, PositiveFeatures, NegativeFeatures);

    /// <summary>Makes the columns of roles.</summary>
    /// <param name="roles">The roles.</param>
    /// <param name="isEncoded">Whether an encoder makes vectors of the text.</param>
    public static TaskColumns Of(ColumnRoles roles, bool isEncoded = false)
    {
        bool isText = roles.Input.IsText;
        return new TaskColumns(
            isText ? nameof(ExampleRow.Text) : nameof(ExampleRow.Vector),
            roles.Positive is null ? null : isText ? nameof(ExampleRow.PositiveText) : nameof(ExampleRow.PositiveVector),
            roles.Negative is null ? null : isText ? nameof(ExampleRow.NegativeText) : nameof(ExampleRow.NegativeVector),
            roles.Label is not null ? nameof(ExampleRow.Label) : roles.Score is not null ? nameof(ExampleRow.Score) : null,
            isText,
            isEncoded && isText);
    }
}

/// <summary>Represents the columns that a trainer reads: vectors for a head, texts for an encoder.</summary>
/// <param name="Input">The input.</param>
/// <param name="Positive">The positives.</param>
/// <param name="Negative">The negatives.</param>
internal sealed record LearnedColumns(string Input, string? Positive, string? Negative)
{
    /// <summary>Gets the columns to embed for a measurement, with the columns of their embeddings.</summary>
    public InputOutputColumnPair[] Embedded => Positive is null
        ? [new(TaskColumns.Embedding, Input)]
        : [new(TaskColumns.Embedding, Input), new(TaskColumns.PositiveEmbedding, Positive)];
}

using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <see cref="PostgresVectorTable{TId}.LoadAsync"/>.</summary>
/// <remarks>The load validates the options and reports everything that is wrong at once.</remarks>
public sealed class VectorLoadOptions
{
    /// <summary>
    /// Gets the name of the data's embedding column, a known-size vector of Single with the table's number of dimensions. The default is
    /// <c>Embedding</c>.
    /// </summary>
    public string EmbeddingColumnName { get; init; } = "Embedding";

    /// <summary>
    /// Gets the name of the data's id column: Int64 or Int32 for a table of <see cref="long"/> ids, text for a table of
    /// <see cref="string"/> ids. The default is <see langword="null"/>, which numbers the rows and is only valid for <see cref="long"/>
    /// ids.
    /// </summary>
    public string? IdColumnName { get; init; }

    /// <summary>Gets the id of the first row where rows are numbered. The default is 0.</summary>
    public long FirstRowNumber { get; init; }

    /// <summary>Gets the number of rows that are read and committed at once, at least 1. The default is 10,000.</summary>
    /// <remarks>A chunk is held in memory: 4D bytes a row for vectors of D values, and the other columns.</remarks>
    public int RowsPerChunk { get; init; } = 10_000;

    /// <summary>
    /// Gets a text that identifies the data, such as the hash of a file or of a model. A load is resumed only with the same text. The
    /// default is empty.
    /// </summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Gets what happens to rows whose vectors cannot be compared. The default is <see cref="InvalidVectors.Throw"/>.</summary>
    public InvalidVectors InvalidVectors { get; init; }

    /// <summary>Gets what is compared when the load is resumed. The default is <see cref="ResumeCheck.Rows"/>.</summary>
    public ResumeCheck ResumeCheck { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(VectorLoadOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(EmbeddingColumnName))
        {
            yield return $"{nameof(EmbeddingColumnName)} is empty; name the column of vectors.";
        }
        if (IdColumnName is "")
        {
            yield return $"{nameof(IdColumnName)} is empty; name the id column, or leave it null to number the rows.";
        }
        if (RowsPerChunk < 1)
        {
            yield return $"{nameof(RowsPerChunk)} is {RowsPerChunk}; choose 1 or more.";
        }
        if (Fingerprint is null || PostgresText.Problem(Fingerprint) is not null)
        {
            yield return $"{nameof(Fingerprint)} is not a text that PostgreSQL can store; choose another, or leave it empty.";
        }
        if (!Enum.IsDefined(InvalidVectors))
        {
            yield return $"{nameof(InvalidVectors)} is {InvalidVectors}; "
                + $"choose one of {string.Join(", ", Enum.GetNames<InvalidVectors>())}.";
        }
        if (!Enum.IsDefined(ResumeCheck))
        {
            yield return $"{nameof(ResumeCheck)} is {ResumeCheck}; choose one of {string.Join(", ", Enum.GetNames<ResumeCheck>())}.";
        }
    }
}

using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="PostgresVectorTable{TId}.LoadAsync"/> reads and how. All that is wrong with it is reported at once.</summary>
public sealed record VectorLoadOptions
{
    /// <summary>The data's column of vectors, a known-size vector of Single of the table's width. Default <c>Embedding</c>.</summary>
    public string EmbeddingColumnName { get; init; } = "Embedding";

    /// <summary>The data's column of ids: Int64 or Int32 for a table of <see cref="long"/> ids, text for one of <see cref="string"/> ids; <see langword="null"/> (default) for row numbers, which only the former takes.</summary>
    public string? IdColumnName { get; init; }

    /// <summary>The number of the first row, where rows are numbered. Default 0.</summary>
    public long FirstRowNumber { get; init; }

    /// <summary>Rows read for a transaction, at least 1. Default 10,000. A chunk is held in memory: rows · 4D bytes and its other columns.</summary>
    public int RowsPerChunk { get; init; } = 10_000;

    /// <summary>Anything that tells this data from other data, such as a file's hash or a head's fingerprint. Default empty. A load goes on only with the same.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>What becomes of vectors that cannot be compared. Default <see cref="UnfitVectors.Refuse"/>.</summary>
    public UnfitVectors UnfitVectors { get; init; }

    /// <summary>What is compared when a load goes on. Default <see cref="ResumeCheck.Rows"/>.</summary>
    public ResumeCheck ResumeCheck { get; init; }

    /// <summary>Is told after each chunk; <see langword="null"/> (default) for nobody.</summary>
    public IProgress<VectorLoadState>? Progress { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
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
            yield return $"{nameof(IdColumnName)} is empty; name the column of ids, or leave it out for row numbers.";
        }
        if (RowsPerChunk < 1)
        {
            yield return $"{nameof(RowsPerChunk)} is {RowsPerChunk}; choose 1 or more.";
        }
        if (Fingerprint is null || RowText.Problem(Fingerprint) is not null)
        {
            yield return $"{nameof(Fingerprint)} is no text that PostgreSQL can keep; choose another, or none.";
        }
        if (!Enum.IsDefined(UnfitVectors))
        {
            yield return $"{nameof(UnfitVectors)} is {UnfitVectors}; choose one of {string.Join(", ", Enum.GetNames<UnfitVectors>())}.";
        }
        if (!Enum.IsDefined(ResumeCheck))
        {
            yield return $"{nameof(ResumeCheck)} is {ResumeCheck}; choose one of {string.Join(", ", Enum.GetNames<ResumeCheck>())}.";
        }
    }
}

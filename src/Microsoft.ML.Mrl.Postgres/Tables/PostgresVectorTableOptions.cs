using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the options of a <see cref="PostgresVectorTable{TId}"/>: names, sizes, types and the settings of its index.
/// </summary>
/// <remarks>The constructor of the table validates the options and reports everything that is wrong at once.</remarks>
public sealed record PostgresVectorTableOptions
{
    internal const int MaxDimensions = 16_000;
    internal const int MaxIndexedDimensions = 2_000;
    internal const int MaxIndexedHalfDimensions = 4_000;
    internal const int MaxIndexedBits = 64_000;
    private const int MaxHashPartitions = 1_000;

    /// <summary>Gets the name of the table, 1 to 63 bytes in UTF-8. It is quoted in SQL, so its letters keep their case.</summary>
    public required string TableName { get; init; }

    /// <summary>Gets the number of dimensions D of the full vectors, 1 to 16,000.</summary>
    public required int Dimensions { get; init; }

    /// <summary>
    /// Gets the number of leading dimensions k that the index stores and by which a search finds its candidates: 1 to
    /// <see cref="Dimensions"/>, and at most 2,000 as <see cref="PgvectorType.Vector"/>, 4,000 as <see cref="PgvectorType.HalfVector"/>, or
    /// 64,000 as <see cref="PgvectorType.Bit"/>.
    /// </summary>
    public required int ShortDimensions { get; init; }

    /// <summary>
    /// Gets the type of the full vectors: <see cref="PgvectorType.Vector"/>, which is the default, or
    /// <see cref="PgvectorType.HalfVector"/>.
    /// </summary>
    public PgvectorType EmbeddingColumnType { get; init; }

    /// <summary>Gets the type of the prefixes in the index. The default is <see cref="PgvectorType.Vector"/>.</summary>
    public PgvectorType PrefixType { get; init; }

    /// <summary>
    /// Gets the name of the schema of the table and of the load table. The schema must exist. The default is <c>public</c>.
    /// </summary>
    public string SchemaName { get; init; } = "public";

    /// <summary>Gets the name of the id column, the primary key. The default is <c>id</c>.</summary>
    public string IdColumnName { get; init; } = "id";

    /// <summary>Gets the name of the column of full vectors. The default is <c>embedding</c>.</summary>
    public string EmbeddingColumnName { get; init; } = "embedding";

    /// <summary>
    /// Gets the columns that are stored beside the vectors. They have the same names in the data that is loaded. The default is none.
    /// </summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary>
    /// Gets the name of the table that records the progress of loads, one for all tables of the schema. The default is <c>mrl_loads</c>.
    /// </summary>
    public string LoadTableName { get; init; } = "mrl_loads";

    /// <summary>
    /// Gets the number of partitions that the table is created with, 1 to 1,000, or <see langword="null"/>, the default, for a table
    /// without partitions.
    /// </summary>
    /// <remarks>
    /// Rows are spread by a hash of the id: <c>PARTITION BY HASH (id)</c>, with partitions <c>items_p0</c>, <c>items_p1</c>, and so on.
    /// Each partition has an index of its own, which is smaller and faster to build; a search asks all of them for candidates and merges
    /// what they find. A table that exists already keeps its partitions.
    /// </remarks>
    public int? HashPartitions { get; init; }

    /// <summary>
    /// Gets the <c>m</c> of the HNSW index, the maximum number of neighbors of a vector in a layer of the graph, 2 to 100. The default is
    /// pgvector's, 16.
    /// </summary>
    public int M { get; init; } = 16;

    /// <summary>
    /// Gets the <c>ef_construction</c> of the HNSW index, the number of candidates that are compared with each new vector: 4 to 1,000, and
    /// at least twice <see cref="M"/>. The default is pgvector's, 64.
    /// </summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>
    /// Gets the memory for building the index in MiB, at least 1, or <see langword="null"/>, the default, for the server's
    /// <c>maintenance_work_mem</c>.
    /// </summary>
    /// <remarks>
    /// A graph that does not fit into this memory is built much more slowly. It takes about rows · (4k + 8m + 100) bytes, with 2k instead
    /// of 4k for half precision and k/8 for bits.
    /// </remarks>
    public int? IndexMemoryMiB { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName)
    {
        string[] problems = [.. NameProblems(), .. SizeProblems(), .. IndexProblems()];
        OptionProblems.ThrowIfAny(problems, nameof(PostgresVectorTableOptions), parameterName);
    }

    private IEnumerable<string> NameProblems()
    {
        (string What, string? Name)[] names =
        [
            (nameof(SchemaName), SchemaName), (nameof(TableName), TableName), (nameof(LoadTableName), LoadTableName),
            (nameof(IdColumnName), IdColumnName), (nameof(EmbeddingColumnName), EmbeddingColumnName),
            .. (Columns ?? []).Select(column => (nameof(Columns), column?.Name)),
        ];
        foreach ((string what, string? name) in names)
        {
            if (SqlIdentifier.Problem(what, name) is { } problem)
            {
                yield return problem;
            }
        }
        foreach (IGrouping<string?, string?> columns in names[3..].Select(n => n.Name).GroupBy(name => name, StringComparer.Ordinal))
        {
            if (columns.Count() == 1)
            {
                continue;
            }
            yield return $"Column '{columns.Key}' is named more than once; name each once.";
        }
        foreach (TableColumn column in (Columns ?? []).Where(column => column is not null && !ColumnKind.Supported.Contains(column.Type)))
        {
            yield return $"Column '{column.Name}' is of type {column.Type}; choose one of {string.Join(", ", ColumnKind.Supported)}.";
        }
        if (TableName == LoadTableName)
        {
            yield return $"{nameof(TableName)} and {nameof(LoadTableName)} are both '{TableName}'; choose another {nameof(LoadTableName)}.";
        }
    }

    private IEnumerable<string> SizeProblems()
    {
        if (EmbeddingColumnType is not (PgvectorType.Vector or PgvectorType.HalfVector))
        {
            yield return $"{nameof(EmbeddingColumnType)} is {EmbeddingColumnType}; "
                + $"choose one of {PgvectorType.Vector}, {PgvectorType.HalfVector}.";
        }
        if (!Enum.IsDefined(PrefixType))
        {
            yield return $"{nameof(PrefixType)} is {PrefixType}; choose one of {string.Join(", ", Enum.GetNames<PgvectorType>())}.";
        }
        if (Dimensions is < 1 or > MaxDimensions)
        {
            string type = EmbeddingColumnType == PgvectorType.HalfVector ? "halfvec" : "vector";
            yield return $"{nameof(Dimensions)} is {Dimensions}; pgvector's {type} has 1..{MaxDimensions}.";
        }
        (string prefix, int max) = PrefixType switch
        {
            PgvectorType.HalfVector => ("halfvec", MaxIndexedHalfDimensions),
            PgvectorType.Bit => ("bit", MaxIndexedBits),
            _ => ("vector", MaxIndexedDimensions),
        };
        if (ShortDimensions < 1 || ShortDimensions > max)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}; pgvector's HNSW index of {prefix} takes 1..{max}.";
        }
        if (ShortDimensions > Dimensions && Dimensions >= 1)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}, above {nameof(Dimensions)} of {Dimensions}; "
                + $"choose 1..{Dimensions}.";
        }
    }

    private IEnumerable<string> IndexProblems()
    {
        if (M is < 2 or > 100)
        {
            yield return $"{nameof(M)} is {M}; choose 2..100.";
        }
        if (EfConstruction is < 4 or > 1000)
        {
            yield return $"{nameof(EfConstruction)} is {EfConstruction}; choose 4..1000.";
        }
        else if (EfConstruction < 2 * M)
        {
            yield return $"{nameof(EfConstruction)} is {EfConstruction}, below twice {nameof(M)} of {M}; choose {2 * M} or more.";
        }
        if (HashPartitions is < 1 or > MaxHashPartitions)
        {
            yield return $"{nameof(HashPartitions)} is {HashPartitions}; choose 1..{MaxHashPartitions}.";
        }
        if (IndexMemoryMiB < 1)
        {
            yield return $"{nameof(IndexMemoryMiB)} is {IndexMemoryMiB}; choose 1 or more.";
        }
    }
}

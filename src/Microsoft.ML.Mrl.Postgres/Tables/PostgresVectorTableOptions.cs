using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Names and sizes of a <see cref="PostgresVectorTable{TId}"/>. All that is wrong with them is reported at once, when a table is made of them.</summary>
public sealed record PostgresVectorTableOptions
{
    /// <summary>The most values of a <c>vector</c> or <c>halfvec</c> column, by pgvector.</summary>
    public const int MostDimensions = 16_000;

    /// <summary>The most values of a <c>vector</c> in an HNSW index, by pgvector.</summary>
    public const int MostIndexedDimensions = 2_000;

    /// <summary>The most values of a <c>halfvec</c> in an HNSW index, by pgvector.</summary>
    public const int MostIndexedHalfDimensions = 4_000;

    /// <summary>The most values of a <c>bit</c> in an HNSW index, by pgvector.</summary>
    public const int MostIndexedBits = 64_000;

    private const int MostHashPartitions = 1_000;

    /// <summary>The table. Any name of 1 to 63 bytes; it is quoted, so letters keep their case.</summary>
    public required string TableName { get; init; }

    /// <summary>The width D of the full vectors, 1..16,000.</summary>
    public required int Dimensions { get; init; }

    /// <summary>
    /// The prefix length k that the index holds and that finds the short list: 1..<see cref="Dimensions"/>, and at most 2,000 as <see cref="PrefixType.Vector"/>, 4,000 as
    /// <see cref="PrefixType.HalfVector"/>, or 64,000 as <see cref="PrefixType.Bit"/>.
    /// </summary>
    public required int ShortDimensions { get; init; }

    /// <summary>How the full vectors are stored. Default <see cref="EmbeddingColumnType.Vector"/>.</summary>
    public EmbeddingColumnType EmbeddingColumnType { get; init; }

    /// <summary>As what the index holds the prefixes. Default <see cref="PrefixType.Vector"/>.</summary>
    public PrefixType PrefixType { get; init; }

    /// <summary>The schema of the table and of the load table. It must exist. Default <c>public</c>.</summary>
    public string SchemaName { get; init; } = "public";

    /// <summary>The column of ids, the primary key. Default <c>id</c>.</summary>
    public string IdColumnName { get; init; } = "id";

    /// <summary>The column of full vectors. Default <c>embedding</c>.</summary>
    public string EmbeddingColumnName { get; init; } = "embedding";

    /// <summary>Columns to carry along, to filter by, and to return with what is found. In the data that is loaded they have the same names. Default none.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary>The table that says how far loads have come, one for all tables of the schema. Default <c>mrl_loads</c>.</summary>
    public string LoadTableName { get; init; } = "mrl_loads";

    /// <summary>
    /// Of how many partitions the table is made, 1..1,000, by a hash of the id: <c>PARTITION BY HASH (id)</c>, partitions <c>items_p0</c>, <c>items_p1</c>, …; <see langword="null"/> (default) for a plain table. Each
    /// has an index of its own, which is smaller and quicker to build; a search asks all of them for its short list and merges what they find. Looked at where the table is made, not where it is there.
    /// </summary>
    public int? HashPartitions { get; init; }

    /// <summary>HNSW's m, the most neighbours of a vector in a layer of the graph, 2..100. Default 16, as pgvector's.</summary>
    public int M { get; init; } = 16;

    /// <summary>HNSW's ef_construction, the candidates looked at for a new vector: 4..1,000 and at least twice <see cref="M"/>. Default 64, as pgvector's.</summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>
    /// Memory for building the index, in MiB, at least 1; <see langword="null"/> (default) for the server's <c>maintenance_work_mem</c>. A graph that does not fit is
    /// built much more slowly: it takes about rows · (4k + 8m + 100) bytes, with 2k instead of 4k for halves and k/8 for bits.
    /// </summary>
    public int? IndexMemoryMiB { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(PostgresVectorTableOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        (string What, string? Name)[] names =
        [
            (nameof(SchemaName), SchemaName), (nameof(TableName), TableName), (nameof(LoadTableName), LoadTableName), (nameof(IdColumnName), IdColumnName),
            (nameof(EmbeddingColumnName), EmbeddingColumnName), .. (Columns ?? []).Select(column => (nameof(Columns), column?.Name)),
        ];
        foreach ((string what, string? name) in names)
        {
            if (SqlIdentifier.Problem(what, name) is { } problem)
            {
                yield return problem;
            }
        }
        foreach (IGrouping<string?, string?> twice in names[3..].GroupBy(n => n.Name, n => n.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"Column '{twice.Key}' is named more than once; name each once.";
        }
        foreach (TableColumn column in (Columns ?? []).Where(column => column is not null && !Enum.IsDefined(column.Type)))
        {
            yield return $"Column '{column.Name}' is of type {column.Type}; choose one of {string.Join(", ", Enum.GetNames<TableColumnType>())}.";
        }
        if (TableName == LoadTableName)
        {
            yield return $"{nameof(TableName)} and {nameof(LoadTableName)} are both '{TableName}'; choose another {nameof(LoadTableName)}.";
        }
        if (!Enum.IsDefined(EmbeddingColumnType))
        {
            yield return $"{nameof(EmbeddingColumnType)} is {EmbeddingColumnType}; choose one of {string.Join(", ", Enum.GetNames<EmbeddingColumnType>())}.";
        }
        if (!Enum.IsDefined(PrefixType))
        {
            yield return $"{nameof(PrefixType)} is {PrefixType}; choose one of {string.Join(", ", Enum.GetNames<PrefixType>())}.";
        }
        if (Dimensions is < 1 or > MostDimensions)
        {
            yield return $"{nameof(Dimensions)} is {Dimensions}; pgvector's {(EmbeddingColumnType == EmbeddingColumnType.HalfVector ? "halfvec" : "vector")} has 1..{MostDimensions}.";
        }
        (string type, int most) = PrefixType switch
        {
            PrefixType.HalfVector => ("halfvec", MostIndexedHalfDimensions),
            PrefixType.Bit => ("bit", MostIndexedBits),
            _ => ("vector", MostIndexedDimensions),
        };
        if (ShortDimensions < 1 || ShortDimensions > most)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}; pgvector's HNSW index of {type} takes 1..{most}.";
        }
        if (ShortDimensions > Dimensions && Dimensions >= 1)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}, above {nameof(Dimensions)} of {Dimensions}; choose 1..{Dimensions}.";
        }
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
        if (HashPartitions is < 1 or > MostHashPartitions)
        {
            yield return $"{nameof(HashPartitions)} is {HashPartitions}; choose 1..{MostHashPartitions}.";
        }
        if (IndexMemoryMiB < 1)
        {
            yield return $"{nameof(IndexMemoryMiB)} is {IndexMemoryMiB}; choose 1 or more.";
        }
    }
}

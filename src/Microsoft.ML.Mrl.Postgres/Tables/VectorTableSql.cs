using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>
/// Provides the statements for one table. Names are quoted, numbers come from checked options, and values are parameters.
/// </summary>
internal sealed class VectorTableSql
{
    private readonly PostgresVectorTableOptions _options;
    private readonly string _id;
    private readonly string _embedding;
    private readonly string _columns;
    private readonly string _shortEmbedding;
    private readonly string _shortQuery;
    private readonly string _shortDistance;
    private readonly string _operators;
    private readonly string _distance;

    /// <param name="options">Checked options.</param>
    /// <param name="idType">The type of the id column, <c>bigint</c> or <c>text</c>.</param>
    public VectorTableSql(PostgresVectorTableOptions options, string idType)
    {
        _options = options;
        IdType = idType;
        _id = SqlIdentifier.Quote(options.IdColumnName);
        _embedding = SqlIdentifier.Quote(options.EmbeddingColumnName);
        _columns = string.Concat(options.Columns.Select(column => ", " + SqlIdentifier.Quote(column.Name)));
        Table = $"{SqlIdentifier.Quote(options.SchemaName)}.{SqlIdentifier.Quote(options.TableName)}";
        LoadTable = $"{SqlIdentifier.Quote(options.SchemaName)}.{SqlIdentifier.Quote(options.LoadTableName)}";
        IndexName = NameIndex(options);
        Index = $"{SqlIdentifier.Quote(options.SchemaName)}.{SqlIdentifier.Quote(IndexName)}";
        string k = options.ShortDimensions.ToString(CultureInfo.InvariantCulture);
        string row = $"subvector({_embedding}, 1, {k})";
        string query = $"subvector($1, 1, {k})";
        bool half = options.EmbeddingColumnType == PgvectorType.HalfVector;
        (_shortEmbedding, _shortQuery, _shortDistance, _operators) = options.PrefixType switch
        {
            PgvectorType.Bit => ($"(binary_quantize({row})::bit({k}))", $"binary_quantize({query})::bit({k})", "<~>", "bit_hamming_ops"),
            PgvectorType.HalfVector => (
                half ? $"({row}::halfvec({k}))" : $"(l2_normalize({row})::halfvec({k}))",
                $"l2_normalize({query})::halfvec({k})", "<=>", "halfvec_cosine_ops"),
            _ => ($"({row}::vector({k}))", $"{query}::vector({k})", "<=>", "vector_cosine_ops"),
        };
        EmbeddingType = string.Create(CultureInfo.InvariantCulture, $"{(half ? "halfvec" : "vector")}({options.Dimensions})");
        // Halves are widened, so that the query is not rounded.
        _distance = half ? $"({_embedding}::vector <=> $1)" : $"({_embedding} <=> $1)";
    }

    public string IdType { get; }

    /// <summary>Gets the type of the column of full vectors.</summary>
    public string EmbeddingType { get; }

    /// <summary>Gets the table, quoted and with its schema.</summary>
    public string Table { get; }

    /// <summary>Gets the load table, quoted and with its schema.</summary>
    public string LoadTable { get; }

    /// <summary>Gets the index's plain name.</summary>
    public string IndexName { get; }

    /// <summary>Gets the index, quoted and with its schema.</summary>
    public string Index { get; }

    /// <summary>Gets the table, then its partitions, if any.</summary>
    public IEnumerable<string> CreateTable
    {
        get
        {
            IEnumerable<string> columns = _options.Columns
                .Select(column => $", {SqlIdentifier.Quote(column.Name)} {ColumnKind.Of(column.Type).SqlType} NOT NULL");
            string partitioning = _options.HashPartitions is null ? "" : $" PARTITION BY HASH ({_id})";
            yield return $"CREATE TABLE {Table} ({_id} {IdType} PRIMARY KEY, "
                + $"{_embedding} {EmbeddingType} NOT NULL{string.Concat(columns)}){partitioning}";
            for (int i = 0; i < _options.HashPartitions; i++)
            {
                string partition = $"{SqlIdentifier.Quote(_options.SchemaName)}.{SqlIdentifier.Quote(NamePartition(i))}";
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"CREATE TABLE {partition} PARTITION OF {Table} FOR VALUES WITH (MODULUS {_options.HashPartitions}, REMAINDER {i})");
            }
        }
    }

    public string CreateLoadTable =>
        $"""
        CREATE TABLE {LoadTable} (table_name text NOT NULL, load_name text NOT NULL, settings text NOT NULL, fingerprint text NOT NULL,
        rows_read bigint NOT NULL, rows_left_out bigint NOT NULL, last_id text NULL, ids_hash bytea NOT NULL, rows_hash bytea NOT NULL,
        complete boolean NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (table_name, load_name))
        """;

    public string IndexSettings => string.Create(CultureInfo.InvariantCulture, $"m={_options.M},ef_construction={_options.EfConstruction}");

    public string CreateIndex =>
        $"CREATE INDEX {SqlIdentifier.Quote(IndexName)} ON {Table} USING hnsw ({_shortEmbedding} {_operators}) WITH ({IndexSettings})";

    public string Copy => $"COPY {Table} ({_id}, {_embedding}{_columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>$1: the full query, $2: the number of candidates, $3: how many to return, then the filter's values.</summary>
    /// <param name="filter">A condition, or empty.</param>
    public string Search(string filter) =>
        $"""
        SELECT {_id}, 1 - {_distance}{_columns} FROM
        (SELECT {_id}, {_embedding}{_columns} FROM {Table}{Where(filter)}
        ORDER BY {_shortEmbedding} {_shortDistance} {_shortQuery} LIMIT $2) AS candidates
        ORDER BY {_distance}, {_id} LIMIT $3
        """;

    /// <summary>$1: the full query, $2: how many to return, then the filter's values.</summary>
    /// <param name="filter">A condition, or empty.</param>
    public string SearchExact(string filter) =>
        $"SELECT {_id}, 1 - {_distance}{_columns} FROM {Table}{Where(filter)} ORDER BY {_distance}, {_id} LIMIT $2";

    /// <summary>$1: an array of ids; finds one that is in the table.</summary>
    public string FindId => $"SELECT {_id} FROM {Table} WHERE {_id} = ANY($1) LIMIT 1";

    /// <summary>$1: the table, $2: the load.</summary>
    public string FindLoad =>
        $"""
        SELECT settings, fingerprint, rows_read, rows_left_out, last_id, ids_hash, rows_hash, complete FROM {LoadTable}
        WHERE table_name = $1 AND load_name = $2
        """;

    /// <summary>$1: the table, $2: the load, $3: settings, $4: fingerprint, $5: the hash of no rows.</summary>
    public string AddLoad =>
        $"""
        INSERT INTO {LoadTable} (table_name, load_name, settings, fingerprint, rows_read, rows_left_out, ids_hash, rows_hash, complete)
        VALUES ($1, $2, $3, $4, 0, 0, $5, $5, false) ON CONFLICT DO NOTHING
        """;

    /// <summary>
    /// $1: the table, $2: the load, $3: rows read before, then the new values. Changes nothing if another process advanced the load.
    /// </summary>
    public string AdvanceLoad =>
        $"""
        UPDATE {LoadTable}
        SET rows_read = $4, rows_left_out = $5, last_id = $6, ids_hash = $7, rows_hash = $8, complete = $9, updated_at = now()
        WHERE table_name = $1 AND load_name = $2 AND rows_read = $3 AND NOT complete
        """;

    /// <summary>$1: the table, $2: the load.</summary>
    public string ForgetLoad => $"DELETE FROM {LoadTable} WHERE table_name = $1 AND load_name = $2";

    public string DropTable => $"DROP TABLE IF EXISTS {Table}";

    /// <summary>$1: the table.</summary>
    public string ForgetLoads => $"DELETE FROM {LoadTable} WHERE table_name = $1";

    /// <summary>$1: the id, $2: the vector as an array, then the other columns.</summary>
    public string Upsert
    {
        get
        {
            IEnumerable<string> names = _options.Columns.Select(column => SqlIdentifier.Quote(column.Name)).Prepend(_embedding);
            IEnumerable<string> values = _options.Columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $", ${i + 3}"));
            return $"INSERT INTO {Table} ({_id}, {_embedding}{_columns}) VALUES ($1, $2::real[]::{EmbeddingType}{string.Concat(values)}) "
                + $"ON CONFLICT ({_id}) DO UPDATE SET {string.Join(", ", names.Select(name => $"{name} = EXCLUDED.{name}"))}";
        }
    }

    /// <summary>$1: an array of ids.</summary>
    public string DeleteIds => $"DELETE FROM {Table} WHERE {_id} = ANY($1)";

    /// <summary>$1: an array of ids.</summary>
    public string SelectIds(bool withVectors) => $"{SelectRows(withVectors)} WHERE {_id} = ANY($1)";

    /// <summary>$1: how many to return, $2: how many to skip, then the filter's values.</summary>
    public string Select(string filter, IEnumerable<(string Column, bool Ascending)> orderBy, bool withVectors)
    {
        string[] order = [.. orderBy.Select(sort => $"{SqlIdentifier.Quote(sort.Column)}{(sort.Ascending ? "" : " DESC")}")];
        string ordered = order.Length == 0 ? "" : $" ORDER BY {string.Join(", ", order)}";
        return $"{SelectRows(withVectors)}{Where(filter)}{ordered} LIMIT $1 OFFSET $2";
    }

    private string SelectRows(bool withVectors) => $"SELECT {_id}{_columns}{(withVectors ? $", {_embedding}::real[]" : "")} FROM {Table}";

    private static string Where(string filter) => filter.Length > 0 ? $" WHERE {filter}" : "";

    /// <summary>
    /// Returns the names of table and column, the prefix length and, except for <c>vector</c>, the type. A name that is too long is cut and
    /// gets a hash.
    /// </summary>
    private static string NameIndex(PostgresVectorTableOptions options)
    {
        string type = options.PrefixType switch { PgvectorType.HalfVector => "_half", PgvectorType.Bit => "_bit", _ => "" };
        string ending = string.Create(CultureInfo.InvariantCulture, $"_{options.ShortDimensions}{type}_hnsw");
        return Fit($"{options.TableName}_{options.EmbeddingColumnName}", $"{options.TableName}\0{options.EmbeddingColumnName}", ending);
    }

    private string NamePartition(int partition) =>
        Fit(_options.TableName, _options.TableName, string.Create(CultureInfo.InvariantCulture, $"_p{partition}"));

    private static string Fit(string start, string names, string ending)
    {
        if (Encoding.UTF8.GetByteCount(start + ending) <= SqlIdentifier.MaxBytes)
        {
            return start + ending;
        }
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(names)).AsSpan(0, 4));
        return SqlIdentifier.Fit(start, $"_{hash}{ending}");
    }
}

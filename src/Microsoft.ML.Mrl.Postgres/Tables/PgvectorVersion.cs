using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Knows the versions of pgvector that features need.</summary>
internal static class PgvectorVersion
{
    public const string Find = "SELECT extversion FROM pg_extension WHERE extname = 'vector'";

    /// <summary>
    /// The first version with <c>subvector</c>, <c>halfvec</c>, <c>binary_quantize</c>, <c>l2_normalize</c> and HNSW indexes on <c>bit</c>.
    /// </summary>
    public static readonly Version Oldest = new(0, 7, 0);

    /// <summary>The first version with <c>hnsw.iterative_scan</c>.</summary>
    public static readonly Version IterativeScans = new(0, 8, 0);

    public static async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        (string?)await connection.ScalarAsync(Find, cancellation).ConfigureAwait(false);

    public static bool IsAtLeast(string? version, Version least) => Version.TryParse(version, out Version? found) && found >= least;

    /// <exception cref="InvalidOperationException">pgvector is not installed.</exception>
    /// <exception cref="NotSupportedException">The installed version is older.</exception>
    public static void Require(string? version, Version least, string feature)
    {
        if (version is null)
        {
            throw new InvalidOperationException(
                $"The database has no pgvector. Create it first ({nameof(PostgresVectorTable<long>.CreateAsync)}).");
        }
        if (!IsAtLeast(version, least))
        {
            throw new NotSupportedException(
                $"The database has pgvector {version}, but {feature} needs {least} or later. "
                + "Install a later one and run ALTER EXTENSION vector UPDATE.");
        }
    }
}

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Npgsql's word that it does not know the type of vectors, in ours.</summary>
internal static class NpgsqlVectors
{
    public static bool IsUnknownType(Exception exception) =>
        exception is InvalidCastException or NotSupportedException
        && (exception.Message.Contains("Pgvector.Vector", StringComparison.Ordinal) || exception.Message.Contains("Pgvector.HalfVector", StringComparison.Ordinal));

    public static InvalidOperationException NotMapped(Exception inner) => new(
        "The data source does not know pgvector's type. Build it with `builder.UseVector()` on an NpgsqlDataSourceBuilder (namespace Npgsql, package Pgvector); where the extension was created after its first connection, call ReloadTypesAsync or build it anew.",
        inner);
}

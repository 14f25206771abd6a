using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>Represents a row of the load table.</summary>
/// <param name="State">The progress of the load.</param>
/// <param name="Settings">The settings that must stay the same, in words.</param>
/// <param name="Fingerprint">The fingerprint that the load began with.</param>
/// <param name="LastId">The id of the last row in the table, if any.</param>
/// <param name="IdsHash">The <see cref="RowChain"/> of ids.</param>
/// <param name="RowsHash">The <see cref="RowChain"/> of whole rows.</param>
internal sealed record LoadRecord(
    VectorLoadState State, string Settings, string Fingerprint, string? LastId, byte[] IdsHash, byte[] RowsHash)
{
    public const string Advice = "Resume it with the data it started with, in the same order, or give other data another load name.";

    public static async Task<LoadRecord?> FindAsync(
        NpgsqlConnection connection, VectorTableSql sql, string tableName, string loadName, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = connection.Command(sql.FindLoad, tableName, loadName);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false)
            ? new LoadRecord(
                new VectorLoadState(loadName, reader.GetInt64(2), reader.GetInt64(3), reader.GetBoolean(7)),
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetFieldValue<byte[]>(5), reader.GetFieldValue<byte[]>(6))
            : null;
    }
}

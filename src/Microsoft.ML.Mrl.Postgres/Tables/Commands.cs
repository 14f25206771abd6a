using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Runs statements with positional parameters.</summary>
internal static class Commands
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddAll(values);
        return command;
    }

    public static void AddAll(this NpgsqlParameterCollection parameters, params object?[] values)
    {
        foreach (object? value in values)
        {
            parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }

    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using NpgsqlCommand command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    public static async Task<object?> ScalarAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using NpgsqlCommand command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is { } value and not DBNull ? value : null;
    }

    /// <summary>Determines whether Npgsql says that it does not know the type of vectors.</summary>
    public static bool IsUnknownVectorType(Exception exception) =>
        exception is InvalidCastException or NotSupportedException
        && (exception.Message.Contains("Pgvector.Vector", StringComparison.Ordinal)
            || exception.Message.Contains("Pgvector.HalfVector", StringComparison.Ordinal));

    /// <summary>Creates the error that explains how to add the type.</summary>
    public static InvalidOperationException UnknownVectorType(Exception inner) => new(
        "The data source does not know pgvector's type. "
        + "Build it with `builder.UseVector()` on an NpgsqlDataSourceBuilder (namespace Npgsql, package Pgvector). "
        + "If the extension was created after the data source's first connection, call ReloadTypesAsync or build the data source again.",
        inner);
}

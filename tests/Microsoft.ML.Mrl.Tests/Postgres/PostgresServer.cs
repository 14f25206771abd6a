using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>
/// The database of the tests: the server that the environment variable <c>MRL_POSTGRES</c> names by a connection string, else PGlite where
/// Node.js and npm are there. Without either, tests that need it are skipped.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Variable = "MRL_POSTGRES";

    private PGliteServer? _pglite;
    private NpgsqlDataSource? _dataSource;
    private string _problem = "";

    /// <summary>How to connect.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Whether the database is the tests' own, to change as they like.</summary>
    public bool IsPGlite => _pglite is not null;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own)
        {
            ConnectionString = own;
        }
        else
        {
            (_pglite, _problem) = await PGliteServer.StartAsync();
            if (_pglite is null)
            {
                return;
            }
            ConnectionString = _pglite.ConnectionString;
        }
        _dataSource = Open(ConnectionString);
    }

    /// <summary>A data source that knows vectors, for the caller to dispose.</summary>
    /// <param name="connectionString">How to connect.</param>
    /// <param name="first">What a connection runs first, if anything. PGlite has one session for all connections: undo it
    /// afterwards.</param>
    public static NpgsqlDataSource Open(string connectionString, string? first = null)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UseVector();
        if (first is not null)
        {
            // A pool would undo it when a connection comes back.
            builder.ConnectionStringBuilder.NoResetOnClose = true;
            builder.UsePhysicalConnectionInitializer(Run, connection =>
            {
                Run(connection);
                return Task.CompletedTask;
            });
        }
        return builder.Build();

        void Run(NpgsqlConnection connection)
        {
            using var command = new NpgsqlCommand(first, connection);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>A schema of the test's own; the test is skipped where there is no database.</summary>
    internal async Task<TestSchema> NewSchemaAsync()
    {
        Assert.SkipWhen(
            _dataSource is null, $"{_problem.TrimEnd('.')}. Set {Variable} to a connection string, or install Node.js and npm.");
        var schema = new TestSchema(_dataSource!, $"mrl_test_{Guid.NewGuid():N}");
        await schema.ExecuteAsync($"CREATE SCHEMA \"{schema.Name}\"");
        return schema;
    }

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }
        _pglite?.Dispose();
    }
}

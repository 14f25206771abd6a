namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Tests that need a database share one.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "Postgres";
}

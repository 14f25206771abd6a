using System.Globalization;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Tests.Postgres;
using Npgsql;

// Loads rows into a table that is there, as a program would that somebody kills.
//   arguments: connection string, schema, table, rows, rows a chunk, the row to wait at (−1 for none)
// Says "reading" before the first row and "waiting" before that row, and goes on with a line from its standard input; says "loaded N" in
// the end.

int rows = int.Parse(args[3], CultureInfo.InvariantCulture);
int waitAt = int.Parse(args[5], CultureInfo.InvariantCulture);
var builder = new NpgsqlDataSourceBuilder(args[0]);
builder.UseVector();
await using NpgsqlDataSource dataSource = builder.Build();
var table = new PostgresVectorTable<long>(
    dataSource, new PostgresVectorTableOptions { SchemaName = args[1], TableName = args[2], Dimensions = Rows.Width, ShortDimensions = 8 });
VectorLoadState state = await table.LoadAsync(
    "load", Rows.View(Rows.Make(rows).Select(Wait)),
    new VectorLoadOptions { IdColumnName = "Id", RowsPerChunk = int.Parse(args[4], CultureInfo.InvariantCulture) });
Console.WriteLine($"loaded {state.RowsLoaded}");

Rows.Row Wait(Rows.Row row, int index)
{
    if (index == 0)
    {
        Console.WriteLine("reading");
        Console.ReadLine();
    }
    if (index == waitAt)
    {
        Console.WriteLine("waiting");
        Console.ReadLine();
    }
    return row;
}

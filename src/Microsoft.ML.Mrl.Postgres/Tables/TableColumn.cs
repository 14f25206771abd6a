namespace Microsoft.ML.Mrl;

/// <summary>A column to carry along with the vectors: loaded from the data's column of the same name, to filter by, and returned with what is found.</summary>
/// <param name="Name">Its name, of 1 to 63 bytes; it is quoted, so letters keep their case.</param>
/// <param name="Type">Its type. Default <see cref="TableColumnType.Text"/>.</param>
public sealed record TableColumn(string Name, TableColumnType Type = TableColumnType.Text);

using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>The rows that a model is measured with.</summary>
/// <param name="Roles">The roles of their columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Reference">The rows to classify by, or <see langword="null"/> to classify each row by all others.</param>
/// <param name="Notes">Lines that tell the user which rows they are.</param>
internal sealed record MeasuredRows(
    ColumnRoles Roles, IReadOnlyList<ExampleRow> Rows, IReadOnlyList<ExampleRow>? Reference, IReadOnlyList<string> Notes);

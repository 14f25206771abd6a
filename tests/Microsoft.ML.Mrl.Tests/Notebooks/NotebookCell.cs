namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>A cell of a notebook.</summary>
/// <param name="IsCode">Whether it is code rather than Markdown.</param>
/// <param name="Source">Its text, lines ended by <c>\n</c> but for the last.</param>
internal sealed record NotebookCell(bool IsCode, string Source);

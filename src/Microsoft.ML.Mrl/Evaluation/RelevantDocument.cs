namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>A document that a query should find.</summary>
/// <param name="Document">The document's row, or -1 for one that is not among the documents and so is never found.</param>
/// <param name="Grade">How relevant it is; not relevant unless above 0.</param>
internal readonly record struct RelevantDocument(int Document, float Grade);

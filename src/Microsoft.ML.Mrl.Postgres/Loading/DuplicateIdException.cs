namespace Microsoft.ML.Mrl;

/// <summary>Represents the error of an id that occurs twice in the data of a load, or that is in the table already.</summary>
/// <remarks>The rows of the chunk that contains the id are not loaded. Rows that were committed before stay in the table.</remarks>
public sealed class DuplicateIdException : InvalidOperationException
{
    internal DuplicateIdException(string id, string message, Exception? innerException = null)
        : base(message, innerException) => Id = id;

    /// <summary>Gets the id, as text.</summary>
    public string Id { get; }
}

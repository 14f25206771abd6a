namespace Microsoft.ML.Mrl;

/// <summary>An id comes twice in the data, or is in the table already. The chunk that it is in was not loaded; chunks before it were.</summary>
public sealed class RepeatedIdException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="id">The id, as text.</param>
    /// <param name="message">What was asked, what was found, what to do.</param>
    /// <param name="innerException">What PostgreSQL said, if it found the id.</param>
    public RepeatedIdException(string id, string message, Exception? innerException = null)
        : base(message, innerException) => Id = id;

    /// <summary>The id, as text.</summary>
    public string Id { get; }
}

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the error of a load that cannot be resumed, because its data, its options or the table are not what it started with.
/// </summary>
/// <remarks>Nothing is changed in the table.</remarks>
public sealed class LoadMismatchException : InvalidOperationException
{
    internal LoadMismatchException(string loadName, string message)
        : base(message) => LoadName = loadName;

    /// <summary>Gets the name of the load.</summary>
    public string LoadName { get; }
}

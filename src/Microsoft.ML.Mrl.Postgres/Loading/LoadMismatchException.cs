namespace Microsoft.ML.Mrl;

/// <summary>A load cannot go on: what was handed in, or what the table holds, is not what the load began with. Nothing was changed.</summary>
public sealed class LoadMismatchException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="loadName">The load.</param>
    /// <param name="message">What was asked, what was found, what to do.</param>
    public LoadMismatchException(string loadName, string message)
        : base(message) => LoadName = loadName;

    /// <summary>The load.</summary>
    public string LoadName { get; }
}

namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>Shows an object as one media type; its members are found by name.</summary>
/// <param name="mimeType">The media type.</param>
/// <param name="write">Gives the object's text, or null for an object of another kind.</param>
internal sealed class ReportFormatter(string mimeType, Func<object, string?> write)
{
    public string MimeType { get; } = mimeType;

    /// <summary>Writes an object.</summary>
    /// <returns>Whether it was one of those that this formatter is for; if not, nothing was written.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        if (instance is null || write(instance) is not { } text)
        {
            return false;
        }
        writer.Write(text);
        return true;
    }
}

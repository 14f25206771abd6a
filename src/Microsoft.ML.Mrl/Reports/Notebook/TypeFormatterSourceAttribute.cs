namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>
/// Tells a notebook how to show a type. .NET Interactive looks for an attribute of this name and with these properties in any assembly, so
/// that a library needs no reference to it (its class ITypeFormatterSource and its documentation of formatters, "Formatting").
/// </summary>
/// <param name="formatterSourceType">A type with a constructor without parameters and a method <c>CreateTypeFormatters()</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>Gets the type that makes the formatters.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>Gets the media types to show where the notebook does not ask for one, the first that there is a formatter for.</summary>
    public string[] PreferredMimeTypes { get; set; } = [];
}

using System.Collections;
using System.Reflection;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl.Tests.Notebooks;

/// <summary>
/// Shows objects as .NET Interactive does, knowing nothing of their assembly: by an attribute named <c>TypeFormatterSourceAttribute</c>,
/// whose source makes formatters with
/// <c>MimeType</c> and <c>Format(object, TextWriter)</c>.
/// </summary>
internal static class NotebookDisplay
{
    /// <summary>What each formatter of the object's type writes, by media type; empty where the type names none.</summary>
    public static IReadOnlyDictionary<string, string> All(object value)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (object formatter in Formatters(value.GetType()))
        {
            Type type = formatter.GetType();
            string mimeType = Assert.IsType<string>(type.GetProperty("MimeType")!.GetValue(formatter));
            using var writer = new StringWriter();
            if ((bool)type.GetMethod("Format", [typeof(object), typeof(TextWriter)])!.Invoke(formatter, [value, writer])!)
            {
                shown[mimeType] = writer.ToString();
            }
        }
        return shown;
    }

    /// <summary>The media types that a type asks to be shown as.</summary>
    public static string[] Preferred(Type type) => [
        .. Attributes(type).SelectMany(attribute => (string[])attribute.GetType().GetProperty("PreferredMimeTypes")!.GetValue(attribute)!)];

    private static IEnumerable<object> Formatters(Type type) => Attributes(type).SelectMany(attribute =>
    {
        var sourceType = (Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!;
        object source = Activator.CreateInstance(sourceType)!;
        return ((IEnumerable)sourceType.GetMethod("CreateTypeFormatters")!.Invoke(source, [])!).Cast<object>();
    });

    private static IEnumerable<Attribute> Attributes(Type type) => type.GetCustomAttributes()
        .Where(attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");
}

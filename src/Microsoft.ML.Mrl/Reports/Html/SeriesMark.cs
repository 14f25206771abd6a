namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>
/// Tells the lines of charts apart: by the shape of their marks, by their dashes, and by their colour.
/// </summary>
internal static class SeriesMark
{
    public const int Colors = 8;

    // Around (0, 0), some 10 wide.
    private static readonly string[] s_shapes =
    [
        "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
        "M-4.6-4.6h9.2v9.2h-9.2z",
        "M0-6.2L5.8 4.4H-5.8z",
        "M0-6.4L6.4 0L0 6.4L-6.4 0z",
        "M0 6.2L5.8-4.4H-5.8z",
        "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
        "M-5.8-3L-3-5.8L0-2.8L3-5.8L5.8-3L2.8 0L5.8 3L3 5.8L0 2.8L-3 5.8L-5.8 3L-2.8 0z",
        "M0-6.2L5.4-3.1V3.1L0 6.2L-5.4 3.1V-3.1z",
    ];

    private static readonly string[] s_dashes =
        ["", " stroke-dasharray=\"8 4\"", " stroke-dasharray=\"2 4\"", " stroke-dasharray=\"10 3 2 3\""];

    /// <summary>Returns the class that names a line's colour.</summary>
    public static string Class(int line) => Markup.Text($"s{line % Colors}");

    /// <summary>Returns the path of a line's mark. From the ninth line on colours come again with other shapes.</summary>
    public static string Shape(int line) => s_shapes[(line + (line / Colors)) % s_shapes.Length];

    /// <summary>Returns the attribute that dashes a line, empty for a solid one.</summary>
    public static string Dashes(int line) => s_dashes[line % s_dashes.Length];

    /// <summary>A small picture of line and mark, for a legend.</summary>
    public static string Sample(int line)
        => $"<svg class=\"key {Class(line)}\" viewBox=\"-16 -8 32 16\" width=\"32\" height=\"16\" aria-hidden=\"true\">"
            + $"<path class=\"line\" d=\"M-15 0H15\"{Dashes(line)}/><path class=\"mark\" d=\"{Shape(line)}\"/></svg>";
}

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>How a system is told from the others in charts: by the shape of its marks, by the dashes of its line, and by its colour.</summary>
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

    private static readonly string[] s_dashes = ["", " stroke-dasharray=\"8 4\"", " stroke-dasharray=\"2 4\"", " stroke-dasharray=\"10 3 2 3\""];

    /// <summary>The class that names a system's colour.</summary>
    public static string Class(int system) => Markup.Text($"s{system % Colors}");

    /// <summary>The path of a system's mark. From the ninth system on colours come again with other shapes.</summary>
    public static string Shape(int system) => s_shapes[(system + (system / Colors)) % s_shapes.Length];

    /// <summary>The attribute that dashes a system's line, empty for a solid one.</summary>
    public static string Dashes(int system) => s_dashes[system % s_dashes.Length];

    /// <summary>A small picture of line and mark, for a legend.</summary>
    public static string Sample(int system) => Markup.Text(
        $"<svg class=\"key {Class(system)}\" viewBox=\"-16 -8 32 16\" width=\"32\" height=\"16\" aria-hidden=\"true\"><path class=\"line\" d=\"M-15 0H15\"{Dashes(system)}/><path class=\"mark\" d=\"{Shape(system)}\"/></svg>");
}

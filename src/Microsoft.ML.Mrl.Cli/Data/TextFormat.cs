namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Describes how the lines of a text file are written. Files of other formats describe themselves.</summary>
internal sealed record TextFormat
{
    /// <summary>The usual decimal marker.</summary>
    public const char Point = '.';

    /// <summary>The other decimal marker, as in <c>2,5</c>.</summary>
    public const char Comma = ',';

    /// <summary>
    /// Gets a value indicating whether the first line names the columns. Without it, they are <c>Col0</c>, <c>Col1</c> and so on.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// Gets the character that separates fields, or <see langword="null"/> to find it from the extension and the first lines.
    /// </summary>
    public char? Separator { get; init; }

    /// <summary>Gets the character that separates the whole part of a number from its fraction.</summary>
    public char DecimalMarker { get; init; } = Point;
}

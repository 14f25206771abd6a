namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>How a field of a row becomes what the model takes.</summary>
internal enum FieldKind
{
    /// <summary>A text, as it is.</summary>
    Text,

    /// <summary>A column that the file says holds vectors.</summary>
    Vector,

    /// <summary>Several columns of one number each.</summary>
    Numbers,

    /// <summary>A text that lists numbers: <c>[1, 2.5, -3e-2]</c>.</summary>
    Array,
}

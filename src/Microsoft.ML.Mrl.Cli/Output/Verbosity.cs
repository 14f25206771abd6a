namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>How much is told.</summary>
internal enum Verbosity
{
    /// <summary>The result alone.</summary>
    Quiet,

    /// <summary>Progress, the result, and a summary.</summary>
    Normal,

    /// <summary>Also ML.NET's log, and stack traces of errors.</summary>
    Diagnostic,
}

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>How the tokens of a text become one vector, as the command line names it.</summary>
internal enum NamedPooling
{
    Mean,
    First,
    Last,
    Max,
}

using System.Collections.Concurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Collects warnings, most of them of ML.NET's log, which may come from several threads.</summary>
internal sealed class CollectedWarnings
{
    private readonly ConcurrentQueue<string> _warnings = new();

    /// <summary>Gets the warnings in the order in which they came, each once.</summary>
    public IReadOnlyList<string> All => [.. _warnings.Distinct()];

    /// <summary>Starts to collect the warnings of a context.</summary>
    public void ListenTo(MLContext mlContext) => mlContext.Log += (_, e) =>
    {
        if (e.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error)
        {
            _warnings.Enqueue(e.RawMessage);
        }
    };

    /// <summary>Adds a warning of the tool itself.</summary>
    /// <param name="warning">The warning, or <see langword="null"/> for none.</param>
    public void Add(string? warning)
    {
        if (warning is not null)
        {
            _warnings.Enqueue(warning);
        }
    }

    /// <summary>Writes a line for each warning.</summary>
    public void WriteTo(TextWriter output)
    {
        foreach (string warning in All)
        {
            output.WriteLine($"Warning: {warning}");
        }
    }
}

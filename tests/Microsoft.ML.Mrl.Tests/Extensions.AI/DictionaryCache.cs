using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.Mrl.Tests.ExtensionsAI;

/// <summary>A cache in memory, keyed by text and options.</summary>
internal sealed class DictionaryCache(IEmbeddingGenerator<string, Embedding<float>> inner)
    : CachingEmbeddingGenerator<string, Embedding<float>>(inner)
{
    private readonly ConcurrentDictionary<string, Embedding<float>> _entries = new();

    public int Entries => _entries.Count;

    protected override string GetCacheKey(params ReadOnlySpan<object?> values)
    {
        var key = new System.Text.StringBuilder();
        foreach (object? value in values)
        {
            key.Append(
                value is EmbeddingGenerationOptions options
                ? options.Dimensions?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "full" : value).Append('|');
        }
        return key.ToString();
    }

    protected override Task<Embedding<float>?> ReadCacheAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(_entries.GetValueOrDefault(key));

    protected override Task WriteCacheAsync(string key, Embedding<float> value, CancellationToken cancellationToken)
    {
        _entries[key] = value;
        return Task.CompletedTask;
    }
}

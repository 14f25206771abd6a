using Microsoft.Extensions.AI;
using Microsoft.ML.Mrl.Extensions.AI;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Makes another generator's embeddings honour <see cref="EmbeddingGenerationOptions.Dimensions"/>: applies a trained head where there is one, cuts, and scales to unit length.
/// </summary>
/// <remarks>
/// The inner generator is always asked for its full vectors, whatever dimensions are wanted, since a head needs them whole and a provider may cut without rescaling. So a cache inside this generator
/// keeps one entry for all dimensions; a cache outside keeps the cut vectors, one entry a dimension. Telemetry inside reports the provider's call, outside the cut result; both orders work.
/// Order, usage, model id, times and additional properties are kept. Zeros, NaN and infinities meet the fate that
/// <see cref="TruncateEmbeddingTransformer"/> states. Safe for concurrent use if the inner generator is.
/// </remarks>
public sealed class MatryoshkaEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingHead? _head;
    private readonly int? _dimensions;

    /// <summary>Wraps a generator.</summary>
    /// <param name="innerGenerator">Makes the full vectors.</param>
    /// <param name="head">A trained head to apply to them, or <see langword="null"/> (default) where they can be cut as they come.</param>
    /// <param name="dimensions">The dimensions where a call asks for none; <see langword="null"/> (default) for the full width. 1 up to the width of the vectors or of the head's output.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1 or above the head's output, or the inner generator says that its vectors are not as wide as the head's input.</exception>
    public MatryoshkaEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> innerGenerator, EmbeddingHead? head = null, int? dimensions = null)
        : base(innerGenerator)
    {
        int? inner = (innerGenerator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions;
        if (head is not null && inner is { } found && found != head.InputDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(head), head.InputDimensions, $"The head takes {head.InputDimensions} values, but the generator's model gives {found}. Use a head that was trained on this model's vectors.");
        }
        _head = head;
        _dimensions = dimensions;
        if (dimensions is { } wanted)
        {
            Check(wanted, head?.OutputDimensions ?? inner, nameof(dimensions));
        }
    }

    /// <summary>Generates embeddings of the dimensions asked for, at unit length.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">The dimensions wanted and what the inner generator honours.</param>
    /// <param name="cancellationToken">Given to the inner generator, and looked at between vectors.</param>
    /// <returns>One embedding a text, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions asked for are below 1 or above the vectors' width, or the vectors are not as wide as the head's input.</exception>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        int? wanted = options?.Dimensions ?? _dimensions;
        if (wanted is { } known)
        {
            Check(known, _head?.OutputDimensions, nameof(options));
        }
        if (options?.Dimensions is not null)
        {
            options = options.Clone();
            options.Dimensions = null;
        }
        GeneratedEmbeddings<Embedding<float>> full = await base.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        var cut = new GeneratedEmbeddings<Embedding<float>>(full.Count) { Usage = full.Usage, AdditionalProperties = full.AdditionalProperties };
        foreach (Embedding<float> embedding in full)
        {
            cancellationToken.ThrowIfCancellationRequested();
            cut.Add(new Embedding<float>(Cut(embedding.Vector.Span, wanted))
            {
                CreatedAt = embedding.CreatedAt,
                ModelId = embedding.ModelId,
                AdditionalProperties = embedding.AdditionalProperties,
            });
        }
        return cut;
    }

    /// <summary>Finds a service: the metadata say the dimensions of a call that asks for none, where they are known; this generator's head is an <see cref="EmbeddingHead"/>.</summary>
    /// <param name="serviceType">The type wanted.</param>
    /// <param name="serviceKey">A key, which only inner generators know.</param>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) && base.GetService(serviceType) is EmbeddingGeneratorMetadata inner)
        {
            return new EmbeddingGeneratorMetadata(inner.ProviderName, inner.ProviderUri, inner.DefaultModelId, _dimensions ?? _head?.OutputDimensions ?? inner.DefaultModelDimensions);
        }
        return serviceKey is null && _head is not null && serviceType == typeof(EmbeddingHead) ? _head : base.GetService(serviceType, serviceKey);
    }

    private static void Check(int dimensions, int? width, string parameter) => EmbeddingCut.Check(dimensions, width, parameter, "the vectors have");

    private float[] Cut(ReadOnlySpan<float> vector, int? wanted)
    {
        if (_head is null)
        {
            int width = wanted ?? vector.Length;
            Check(width, vector.Length, "options");
            return EmbeddingCut.ToUnitLength(vector[..width]);
        }
        if (vector.Length != _head.InputDimensions)
        {
            throw new ArgumentOutOfRangeException("options", vector.Length,
                $"The head takes {_head.InputDimensions} values, but the generator gave a vector of {vector.Length}. Use a head that was trained on this model's vectors.");
        }
        var full = new float[_head.OutputDimensions];
        _head.Apply(vector, full);
        return EmbeddingCut.ToUnitLength(full.AsSpan(0, wanted ?? full.Length));
    }
}

using Microsoft.Extensions.AI;

namespace Microsoft.ML.Mrl.Extensions.AI;

/// <summary>
/// Represents a delegating embedding generator that honors <see cref="EmbeddingGenerationOptions.Dimensions"/> for another generator: it
/// applies a trained head if there is one, cuts the vectors, and scales them to unit length.
/// </summary>
/// <remarks>
/// <para>
/// The inner generator is always asked for its full vectors, since a head needs all values and a provider may cut without rescaling. A
/// cache inside this generator therefore holds one entry for all dimensions, and a cache outside holds the cut vectors, one entry for each
/// number of dimensions. Telemetry inside reports the provider's call, and outside the cut result. Both orders work.
/// </para>
/// <para>
/// Order, usage, model id, creation times and additional properties are kept. Zeros, NaN and infinities are treated as
/// <see cref="TruncateEmbeddingTransformer"/> documents. Instances are safe for concurrent use if the inner generator is.
/// </para>
/// </remarks>
internal sealed class MatryoshkaEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingHead? _head;
    private readonly int? _dimensions;

    /// <summary>Initializes a new instance of the <see cref="MatryoshkaEmbeddingGenerator"/> class.</summary>
    /// <param name="innerGenerator">The generator of the full vectors.</param>
    /// <param name="head">
    /// The trained head to apply to the full vectors, or <see langword="null"/>, the default, for a model whose vectors can be cut as they
    /// come.
    /// </param>
    /// <param name="dimensions">
    /// The number of dimensions for calls that ask for none, 1 to the number of values of the vectors or of the head's output, or
    /// <see langword="null"/>, the default, for all.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1 or above the head's output, or the inner generator's metadata say that its vectors have
    /// another number of values than the head's input.
    /// </exception>
    public MatryoshkaEmbeddingGenerator(
        IEmbeddingGenerator<string, Embedding<float>> innerGenerator, EmbeddingHead? head = null, int? dimensions = null)
        : base(innerGenerator)
    {
        int? inner = (innerGenerator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions;
        if (head is not null && inner is { } found && found != head.InputDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(head), head.InputDimensions,
                $"The head takes {head.InputDimensions} values, but the generator's model gives {found}. "
                + "Use a head that was trained on this model's vectors.");
        }
        _head = head;
        _dimensions = dimensions;
        if (dimensions is { } wanted)
        {
            Check(wanted, head?.OutputDimensions ?? inner, nameof(dimensions));
        }
    }

    /// <summary>Generates embeddings with the number of dimensions asked for, at unit length.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">The number of dimensions, and the options for the inner generator.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests, by the inner generator and between vectors.</param>
    /// <returns>One embedding for each text, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The number of dimensions is below 1 or above that of the vectors, or the vectors have another number of values than the head's
    /// input.
    /// </exception>
    /// <exception cref="InvalidOperationException">The inner generator returned more or fewer embeddings than texts.</exception>
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
        string[] texts = [.. values];
        GeneratedEmbeddings<Embedding<float>> full = await base.GenerateAsync(texts, options, cancellationToken).ConfigureAwait(false);
        EmbeddingCut.CheckCount(full.Count, texts.Length, "The inner generator", "Ask its provider for one embedding for each text, "
            + "or send fewer texts at once.");
        var cut = new GeneratedEmbeddings<Embedding<float>>(full.Count)
        {
            Usage = full.Usage,
            AdditionalProperties = full.AdditionalProperties,
        };
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

    /// <summary>Returns a service of a type, from this generator or from the inner one.</summary>
    /// <param name="serviceType">
    /// The type of the service. <see cref="EmbeddingGeneratorMetadata"/> has the number of dimensions of calls that ask for none, where it
    /// is known; <see cref="EmbeddingHead"/> is the head of this generator.
    /// </param>
    /// <param name="serviceKey">The key of the service, which only inner generators can know.</param>
    /// <returns>The service, or <see langword="null"/> if there is none.</returns>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata)
            && base.GetService(serviceType) is EmbeddingGeneratorMetadata inner)
        {
            int? dimensions = _dimensions ?? _head?.OutputDimensions ?? inner.DefaultModelDimensions;
            return new EmbeddingGeneratorMetadata(inner.ProviderName, inner.ProviderUri, inner.DefaultModelId, dimensions);
        }
        bool isHead = serviceKey is null && _head is not null && serviceType == typeof(EmbeddingHead);
        return isHead ? _head : base.GetService(serviceType, serviceKey);
    }

    private static void Check(int dimensions, int? width, string parameter) =>
        EmbeddingCut.Check(dimensions, width, parameter, "the vectors have");

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
                $"The head takes {_head.InputDimensions} values, but the generator gave a vector of {vector.Length}. "
                + "Use a head that was trained on this model's vectors.");
        }
        var full = new float[_head.OutputDimensions];
        _head.Apply(vector, full);
        return EmbeddingCut.ToUnitLength(full.AsSpan(0, wanted ?? full.Length));
    }
}

using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Extensions.VectorData;

/// <summary>Makes short vectors of full ones: applies the head if there is one, cuts, and scales to unit length.</summary>
internal sealed class VectorShortener
{
    private readonly EmbeddingHead? _head;
    private readonly int? _fullDimensions;

    /// <param name="options">Checked options.</param>
    /// <param name="fullDimensions">The number of dimensions of the full property, if it is known.</param>
    /// <param name="shortDimensions">The number of dimensions of the short property, if it is known.</param>
    /// <exception cref="ArgumentException">The numbers of dimensions do not fit together.</exception>
    public VectorShortener(MatryoshkaCollectionOptions options, int? fullDimensions, int? shortDimensions)
    {
        _head = options.Head;
        _fullDimensions = fullDimensions ?? _head?.InputDimensions;
        ShortDimensions = options.ShortDimensions ?? shortDimensions
            ?? throw Wrong($"The number of dimensions of the short vectors is not known. Set {nameof(options.ShortDimensions)}, "
                + "or give the short property the attribute VectorStoreVector.");
        if (shortDimensions is { } known && known != ShortDimensions)
        {
            throw Wrong($"{nameof(options.ShortDimensions)} is {ShortDimensions}, but the short property has {known} dimensions. "
                + $"Choose {known}.");
        }
        if (_head is not null && _fullDimensions != _head.InputDimensions)
        {
            throw Wrong($"The head takes {_head.InputDimensions} values, but the full property has {_fullDimensions}. "
                + "Use a head that was trained on these vectors.");
        }
        int? available = _head?.OutputDimensions ?? _fullDimensions;
        if (ShortDimensions > available)
        {
            throw Wrong($"The short property has {ShortDimensions} dimensions, but there are only {available} values to cut from. "
                + $"Choose 1..{available}.");
        }
    }

    public int ShortDimensions { get; }

    /// <summary>Returns the short vector of a full one.</summary>
    /// <param name="full">The full vector.</param>
    /// <param name="what">The subject of the sentence.</param>
    /// <param name="parameter">The parameter that it came in.</param>
    /// <exception cref="ArgumentException">The vector has another number of values, or contains NaN or an infinity.</exception>
    public float[] Shorten(ReadOnlySpan<float> full, string what, string parameter)
    {
        if (_fullDimensions is { } expected ? full.Length != expected : full.Length < ShortDimensions)
        {
            throw new ArgumentException(
                $"{what} has a full vector of {full.Length} values, "
                + $"but {(_fullDimensions is { } wanted ? $"{wanted}" : $"at least {ShortDimensions}")} are needed. "
                + "Embed it with the model of the other records.", parameter);
        }
        foreach (float value in full)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException($"{what} has {value} in its full vector. Repair the vector or leave it out.", parameter);
            }
        }
        ReadOnlySpan<float> source = full;
        if (_head is not null)
        {
            var applied = new float[_head.OutputDimensions];
            _head.Apply(full, applied);
            source = applied;
        }
        var result = new float[ShortDimensions];
        UnitLength.Write(source[..ShortDimensions], result);
        return result;
    }

    private static ArgumentException Wrong(string message) => new(message, "options");
}

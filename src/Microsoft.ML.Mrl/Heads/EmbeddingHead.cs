using System.Security.Cryptography;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a trained map from an embedding <c>[D_in]</c> to a Matryoshka embedding <c>[D_out]</c> whose prefixes work alone. Training
/// returns a head. Transformers, model files, export and evaluation use it.
/// </summary>
/// <remarks>
/// This type is immutable and safe for concurrent use. A head consists of managed arrays, so applying it needs no native library.
/// </remarks>
public abstract class EmbeddingHead
{
    private readonly Lazy<string> _fingerprint;

    private protected EmbeddingHead(int inputDimensions, int outputDimensions, MatryoshkaDimensions trainedDimensions,
        TrainingSummary? training)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputDimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputDimensions, 1);
        ArgumentNullException.ThrowIfNull(trainedDimensions);
        if (trainedDimensions.Largest > outputDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(trainedDimensions), trainedDimensions.Largest,
                $"Trained dimension {trainedDimensions.Largest} is longer than the head's output of {outputDimensions} values. Choose " +
                    $"1..{outputDimensions}.");
        }
        InputDimensions = inputDimensions;
        OutputDimensions = outputDimensions;
        TrainedDimensions = trainedDimensions;
        Training = training;
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <summary>Gets the width D_in of the input vectors.</summary>
    public int InputDimensions { get; }

    /// <summary>Gets the width D_out of the output vectors.</summary>
    public int OutputDimensions { get; }

    /// <summary>
    /// Gets the prefix lengths that the head was trained at, in ascending order. Lengths between two of them work as well, but lengths
    /// below the smallest one do not.
    /// </summary>
    public MatryoshkaDimensions TrainedDimensions { get; }

    /// <summary>Gets the summary of the training, or <see langword="null"/> for a head that was created from its weights.</summary>
    public TrainingSummary? Training { get; }

    /// <summary>
    /// Gets 16 hexadecimal digits that identify the head: the start of the SHA-256 hash of its shape, trained dimensions and weights.
    /// Vectors can be compared only if they come from the same head.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Applies the head to one dense vector.</summary>
    /// <param name="source">The embedding, <c>[D_in]</c>.</param>
    /// <param name="destination">
    /// The span that receives the first values of the result, <c>[D_out]</c> or shorter. Only as many values as fit are computed. They are
    /// not rescaled.
    /// </param>
    /// <exception cref="ArgumentException">A width does not match the head.</exception>
    public void Apply(ReadOnlySpan<float> source, Span<float> destination)
    {
        CheckWidths(source.Length, destination.Length);
        ApplyDense(source, 1, destination, destination.Length);
    }

    /// <summary>Applies the head to one sparse vector. The result is the same, to the bit, as that of its dense form.</summary>
    /// <param name="indices">Positions of the values, ascending, each in 0..D_in−1.</param>
    /// <param name="values">The values at those positions; all others are 0.</param>
    /// <param name="destination">Receives the first values of the result, as in <see cref="Apply(ReadOnlySpan{float},
    /// Span{float})"/>.</param>
    /// <exception cref="ArgumentException">A width does not fit the head, the indices do not ascend, or there are not as many indices as
    /// values.</exception>
    internal void Apply(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> destination)
    {
        CheckWidths(InputDimensions, destination.Length);
        if (indices.Length != values.Length)
        {
            throw new ArgumentException($"Found {indices.Length} indices for {values.Length} values. Give one index for each value.",
                nameof(indices));
        }
        int previous = -1;
        foreach (int index in indices)
        {
            if (index <= previous || index >= InputDimensions)
            {
                throw new ArgumentException($"Index {index} follows {previous}, but indices ascend within 0..{InputDimensions - 1}.",
                    nameof(indices));
            }
            previous = index;
        }
        ApplySparse(indices, values, destination);
    }

    /// <summary>Applies the head to many dense vectors. The results are the same, to the bit, as one by one.</summary>
    /// <param name="source">The N embeddings, row by row, <c>[N, D_in]</c>.</param>
    /// <param name="destination">
    /// The span that receives N prefixes, row by row, <c>[N, m]</c> with 1 ≤ m ≤ D_out. They are not rescaled.
    /// </param>
    /// <exception cref="ArgumentException">A width does not match the head.</exception>
    public void ApplyMany(ReadOnlySpan<float> source, Span<float> destination)
    {
        int count = source.Length / InputDimensions;
        if (count * InputDimensions != source.Length || (count == 0 ? destination.Length != 0 : destination.Length % count != 0))
        {
            throw new ArgumentException(
                $"{source.Length} source and {destination.Length} destination values are not whole rows. The head takes " +
                    $"{InputDimensions} values in each row and gives 1..{OutputDimensions}.", nameof(source));
        }
        if (count == 0)
        {
            return;
        }
        CheckWidths(InputDimensions, destination.Length / count);
        ApplyDense(source, count, destination, destination.Length / count);
    }

    /// <summary>Writes the head and a checksum to a stream.</summary>
    /// <param name="stream">The stream to write to. It stays open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    public void Save(Stream stream) => EmbeddingHeadFormat.Write(this, stream);

    /// <summary>Reads a head that <see cref="Save"/> wrote from a stream.</summary>
    /// <param name="stream">The stream to read from. It stays open, at the position just after the head.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The content is not a head, is damaged, or was written by a newer version.</exception>
    public static EmbeddingHead Load(Stream stream) => EmbeddingHeadFormat.Read(stream);

    internal abstract string Kind { get; }

    internal abstract void WriteWeights(BinaryWriter writer);

    /// <summary>Adds this head to an ONNX graph of ML.NET's converter, from a variable <c>[N, D_in]</c> to one <c>[N, D_out]</c>.</summary>
    internal abstract void WriteOnnx(OnnxContext context, string input, string output);

    private protected abstract void ApplyDense(ReadOnlySpan<float> source, int count, Span<float> destination, int width);

    private protected abstract void ApplySparse(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> destination);

    private protected static void CheckFinite(float[] values, string name)
    {
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            throw new ArgumentException($"Value {bad} is {values[bad]}. The numbers of a head are finite.", name);
        }
    }

    private void CheckWidths(int source, int destination)
    {
        if (source != InputDimensions)
        {
            throw new ArgumentException($"Cannot apply the head: the vector has {source} values, the head takes {InputDimensions}.",
                nameof(source));
        }
        if (destination < 1 || destination > OutputDimensions)
        {
            throw new ArgumentException($"Cannot apply the head: room for {destination} values was given, the head gives " +
                $"1..{OutputDimensions}.", nameof(destination));
        }
    }

    private string ComputeFingerprint()
    {
        using var hash = SHA256.Create();
        using (var writer = new BinaryWriter(new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write)))
        {
            EmbeddingHeadFormat.WriteIdentity(this, writer);
        }
        return Convert.ToHexString(hash.Hash.AsSpan(0, 8)).ToLowerInvariant();
    }
}

using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Splits the texts of a step into parts of similar length, which saves padding, and puts results back into the order of the texts.
/// </summary>
internal sealed class SortedChunks
{
    private readonly long[] _order;
    private readonly long[] _places;
    private readonly int _textsAtOnce;

    /// <param name="texts">The token ids of N texts.</param>
    /// <param name="padId">The padding id.</param>
    /// <param name="textsAtOnce">The texts of a part, 1 or more; need not divide N.</param>
    public SortedChunks(IReadOnlyList<int[]> texts, int padId, int textsAtOnce)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(textsAtOnce, 1);
        _textsAtOnce = textsAtOnce;
        // The longest first: what has no room fails at once.
        _order = [.. Enumerable.Range(0, texts.Count).OrderByDescending(i => texts[i].Length).Select(i => (long)i)];
        _places = new long[_order.Length];
        for (int place = 0; place < _order.Length; place++)
        {
            _places[_order[place]] = place;
        }
        Batches = [.. _order.Chunk(textsAtOnce).Select(part => TokenBatch.From([.. part.Select(i => texts[(int)i])], padId))];
    }

    /// <summary>Gets the parts, the longest texts first.</summary>
    public IReadOnlyList<TokenBatch> Batches { get; }

    /// <summary>Returns the numbers of the texts of a part.</summary>
    public ReadOnlySpan<long> TextsOf(int chunk) => _order.AsSpan(chunk * _textsAtOnce, Batches[chunk].Rows);

    /// <summary>Puts what was computed of each part, <c>[n, D]</c>, in the order of the texts, <c>[N, D]</c>.</summary>
    public Tensor InOrder(IReadOnlyList<Tensor> parts) =>
        (parts.Count == 1 ? parts[0] : cat([.. parts], 0)).index_select(0, tensor(_places));

    /// <summary>Returns the rows of a part, of values in the order of the texts.</summary>
    public Tensor Select(Tensor values, int chunk) => values.index_select(0, tensor(TextsOf(chunk).ToArray()));
}

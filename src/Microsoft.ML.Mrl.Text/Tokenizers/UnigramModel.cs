using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Splits a word into the pieces with the largest sum of log probabilities, found by Viterbi's algorithm (Kudo 2018, arXiv:1804.10959). A
/// character that is not a piece itself is unknown and costs 10 more than the rarest piece; neighbouring unknown characters are one unknown
/// token.
/// </summary>
/// <remarks>
/// The time is O(n · L) for a word of n characters and pieces of up to L.
/// </remarks>
internal sealed class UnigramModel : TokenizerModel
{
    private const double UnknownPenalty = 10;

    private readonly UnigramPiece[] _pieces;
    private readonly double[] _scores;
    private readonly PieceTrie _trie;
    private readonly TokenVocabulary _vocabulary;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly bool _fallsBackToBytes;
    private readonly bool _isSinglePrecision;

    /// <param name="pieces">The pieces.</param>
    /// <param name="unknown">Which of them stands for unknown characters.</param>
    /// <param name="lowestScore">The score of the rarest piece.</param>
    /// <param name="fallsBackToBytes">Whether the bytes of unknown characters take tokens such as &lt;0x0A&gt;.</param>
    /// <param name="isSinglePrecision">Whether sums are kept in single precision, as sentencepiece keeps them and the tokenizers library
    /// does not.</param>
    public UnigramModel(IReadOnlyList<UnigramPiece> pieces, int unknown, double lowestScore, bool fallsBackToBytes, bool isSinglePrecision)
    {
        _pieces = [.. pieces];
        _scores = Array.ConvertAll(_pieces, piece => piece.Score);
        _trie = new PieceTrie(_pieces.Select((p, i) => (p.Text, i)).Where(p => _pieces[p.i].IsFound && p.Text.Length > 0));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (UnigramPiece piece in _pieces)
        {
            ids[piece.Text] = piece.Id;
        }
        _vocabulary = new TokenVocabulary(ids);
        UnknownToken = _pieces[unknown].Text;
        _unknown = unknown;
        _unknownScore = isSinglePrecision ? (float)(lowestScore - UnknownPenalty) : lowestScore - UnknownPenalty;
        _fallsBackToBytes = fallsBackToBytes;
        _isSinglePrecision = isSinglePrecision;
    }

    public override string UnknownToken { get; }

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        Step[] best = BestPath(word);
        var path = new Stack<(int Start, int End, int Piece)>();
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            if (best[end].Piece < 0 && path.TryPeek(out var after) && after.Piece < 0)
            {
                path.Pop();
                path.Push((best[end].Start, after.End, -1));
                continue;
            }
            path.Push((best[end].Start, end, best[end].Piece));
        }
        foreach ((int start, int end, int piece) in path)
        {
            if (piece >= 0)
            {
                sink.Add(_pieces[piece].Id);
            }
            else
            {
                AddUnknown(word[start..end], sink);
            }
        }
    }

    private void AddUnknown(ReadOnlySpan<char> text, ITokenSink sink)
    {
        if (_fallsBackToBytes && ByteTokens.TryFind(_vocabulary, text) is { } bytes)
        {
            foreach (int id in bytes)
            {
                sink.Add(id);
            }
            return;
        }
        sink.AddUnknown(text);
    }

    /// <summary>Returns the last piece of the best segmentation up to each position.</summary>
    private Step[] BestPath(ReadOnlySpan<char> word)
    {
        var best = new Step[word.Length + 1];
        for (int start = 0, length; start < word.Length; start += length)
        {
            length = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            double score = best[start].Score;
            bool hasSingle = false;
            int node = 0;
            for (int end = start + 1; end <= word.Length && _trie.Step(ref node, word[end - 1], out int piece); end++)
            {
                if (piece >= 0)
                {
                    Offer(ref best[end], score + _scores[piece], start, piece == _unknown ? -1 : piece);
                    hasSingle |= end - start == length;
                }
            }
            if (!hasSingle)
            {
                score += _unknownScore;
                Offer(ref best[start + length], _isSinglePrecision ? (float)score : score, start, -1);
            }
        }
        return best;
    }

    private void Offer(ref Step step, double score, int start, int piece)
    {
        // sentencepiece compares the sum itself with what was rounded before: of equally good ways the one reached last may win.
        if (!step.IsReached || score > step.Score)
        {
            step = new Step(_isSinglePrecision ? (float)score : score, start, piece, IsReached: true);
        }
    }

    private readonly record struct Step(double Score, int Start, int Piece, bool IsReached);
}

/// <summary>Represents a token of a Unigram model.</summary>
/// <param name="Text">Its characters.</param>
/// <param name="Score">Its log probability.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsFound">Whether it is looked for in texts.</param>
internal readonly record struct UnigramPiece(string Text, double Score, int Id, bool IsFound = true);

using Google.Protobuf;
using Kind = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Types.Piece.Types.Kind;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Reads sentencepiece's model files of Unigram and BPE models, whose ids fairseq's encoders shift.</summary>
/// <remarks>Checked against sentencepiece itself, id by id. Why not by <c>SentencePieceTokenizer</c> of Microsoft.ML.Tokenizers is written
/// at <see cref="JsonTokenizer"/>.</remarks>
internal static class SentencePieceFile
{
    private const int Unigram = 1;
    private const int BytePair = 2;

    /// <summary>Makes the tokenizer that a file describes.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="offset">What is added to the ids of its pieces.</param>
    /// <param name="unknownId">The id of the unknown token.</param>
    /// <param name="added">Tokens that are found in texts, special ones among them.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The model is neither a Unigram nor a BPE model.</exception>
    public static JsonTokenizer Parse(byte[] bytes, string path, int offset, int unknownId, IReadOnlyList<AddedToken> added)
    {
        SentencePieceModel model = ReadModel(bytes, path);
        SentencePieceModel.Types.Trainer trainer = model.Trainer ?? new();
        if (trainer.ModelType is not (Unigram or BytePair) || trainer.TreatWhitespaceAsSuffix)
        {
            throw new NotSupportedException(
                $"'{path}' has sentencepiece's model type {trainer.ModelType}" +
                $"{(trainer.TreatWhitespaceAsSuffix ? " with spaces as suffixes" : "")}. " +
                "Unigram (type 1) and BPE (type 2) models with spaces as prefixes can be read from such files; save the tokenizer as " +
                "tokenizer.json.");
        }
        UnigramPiece[] pieces = [.. Pieces(model, path, offset, unknownId)];
        int unknown = model.Pieces.ToList().FindIndex(p => p.Kind == Kind.Unknown);
        double lowest = model.Pieces.Where(p => p.Kind == Kind.Normal).Select(p => (double)p.Score).DefaultIfEmpty(0).Min();
        string[] symbols = Texts(model, Kind.UserDefined);
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (UnigramPiece piece in pieces)
        {
            vocabulary[piece.Text] = piece.Id;
        }
        foreach (AddedToken token in added)
        {
            vocabulary[token.Content] = token.Id;
        }
        SentencePieceModel.Types.Normalizer rules = model.Normalizer ?? new();
        CharacterMap? map = rules.PrecompiledCharsmap.IsEmpty ? null : CharacterMap.Read(rules.PrecompiledCharsmap.Span, path);
        return new JsonTokenizer(
            new SentencePieceNormalizer(map, rules.AddDummyPrefix, rules.RemoveExtraWhitespaces, rules.EscapeWhitespaces, symbols),
            [],
            trainer.ModelType == BytePair
                ? new PieceMergeModel(pieces, unknown, symbols, Texts(model, Kind.Unused), trainer.ByteFallback)
                : new UnigramModel(pieces, unknown, lowest, trainer.ByteFallback, isSinglePrecision: true),
            vocabulary,
            added,
            path);
    }

    /// <summary>Represents how the ids of an encoder follow from the pieces of its model.</summary>
    /// <param name="Pieces">The number of pieces.</param>
    /// <param name="UnknownId">The place of the unknown piece.</param>
    /// <param name="Control">The places of control pieces, such as <c>&lt;/s&gt;</c>.</param>
    internal sealed record Layout(int Pieces, int UnknownId, IReadOnlyDictionary<string, int> Control)
    {
        /// <summary>
        /// Gets a value indicating whether fairseq shifts the ids, as for XLM-RoBERTa: such models begin with the unknown piece and have
        /// none that fills up.
        /// </summary>
        public bool IsShifted => UnknownId == 0 && !Control.ContainsKey("<pad>");
    }

    /// <summary>Reads how a model's ids are laid out.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Layout ReadLayout(byte[] bytes, string path)
    {
        SentencePieceModel model = ReadModel(bytes, path);
        var control = new Dictionary<string, int>(StringComparer.Ordinal);
        int unknown = -1;
        for (int i = 0; i < model.Pieces.Count; i++)
        {
            if (model.Pieces[i].Kind == Kind.Control && !string.IsNullOrEmpty(model.Pieces[i].Text))
            {
                control[model.Pieces[i].Text] = i;
            }
            unknown = model.Pieces[i].Kind == Kind.Unknown && unknown < 0 ? i : unknown;
        }
        return unknown >= 0
            ? new Layout(model.Pieces.Count, unknown, control)
            : throw new InvalidDataException($"'{path}' has no unknown piece. Is it a sentencepiece model?");
    }

    private static SentencePieceModel ReadModel(byte[] bytes, string path)
    {
        try
        {
            return SentencePieceModel.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"'{path}' is not a sentencepiece model, or is damaged: {e.Message}", e);
        }
    }

    private static string[] Texts(SentencePieceModel model, Kind kind) => [.. model.Pieces.Where(p => p.Kind == kind).Select(p => p.Text)];

    private static IEnumerable<UnigramPiece> Pieces(SentencePieceModel model, string path, int offset, int unknownId)
    {
        float highest = model.Pieces.Where(p => p.Kind == Kind.Normal).Select(p => p.Score).DefaultIfEmpty(0).Max();
        int unknown = -1;
        for (int i = 0; i < model.Pieces.Count; i++)
        {
            SentencePieceModel.Types.Piece piece = model.Pieces[i];
            if (string.IsNullOrEmpty(piece.Text) || !float.IsFinite(piece.Score))
            {
                throw new InvalidDataException(
                    $"'{path}': piece {i} is '{piece.Text}' with the score {piece.Score}. Pieces have characters and finite scores.");
            }
            TokenVocabulary.CheckLength(piece.Text, path);
            if (piece.Kind == Kind.Unknown)
            {
                unknown = unknown < 0 ? i : throw new InvalidDataException($"'{path}' has two unknown pieces, {unknown} and {i}.");
            }
            double score = piece.Kind == Kind.UserDefined
                ? System.Text.Encoding.UTF8.GetByteCount(piece.Text) * highest - 0.1
                : piece.Score;
            yield return new UnigramPiece(piece.Text, score, piece.Kind == Kind.Unknown
                ? unknownId
                : i + offset, piece.Kind is Kind.Normal or Kind.UserDefined);
        }
        if (unknown < 0)
        {
            throw new InvalidDataException($"'{path}' has no unknown piece. Is it a sentencepiece model?");
        }
    }
}

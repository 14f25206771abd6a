namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>What comes back of a training of an encoder that may have started from a head on its embeddings as they came.</summary>
/// <param name="Winner">What to hand back.</param>
/// <param name="Map">The PCA rotation, or the head, where that is handed back behind the encoder as it came.</param>
/// <param name="Summary">How the training went, of the head and of the encoder.</param>
internal sealed record FrozenOutcome(TrainingWinner Winner, EmbeddingHead Map, TrainingSummary Summary)
{
    /// <summary>How the head was trained that an encoder starts from; null where it starts from none.</summary>
    public static TrainingSummary? LearnedIn(EmbeddingHead map) =>
        map.Training is { Winner: TrainingWinner.Learned } summary ? summary : null;

    /// <summary>Decides what comes back.</summary>
    /// <param name="encoder">How the training of the encoder went, which was compared with the map.</param>
    /// <param name="map">The PCA rotation of the encoder's embeddings, or the head that was trained on them.</param>
    /// <param name="start">The training of the head; null where there was none.</param>
    /// <param name="trained">What was trained.</param>
    public static FrozenOutcome Of(TrainingSummary encoder, EmbeddingHead map, FrozenHead? start, ITrained trained)
    {
        TrainingSummary? frozen = LearnedIn(map);
        if (frozen is not null && encoder.Winner == TrainingWinner.Pca)
        {
            EmbeddingHead head = start?.OfAllRows() ?? map;
            TrainingWinner winner = head.Training!.Winner == TrainingWinner.Raw ? TrainingWinner.Raw : TrainingWinner.Pca;
            return new FrozenOutcome(winner, head, OfFrozen(head.Training, encoder));
        }
        return new FrozenOutcome(encoder.Winner, map, frozen is not null && encoder.Winner == TrainingWinner.Learned
            ? OfBoth(frozen, encoder, ScoresOf(start?.Pca, trained))
            : encoder);
    }

    /// <summary>The summary of a head behind the encoder as it came, which the encoder itself could not beat.</summary>
    private static TrainingSummary OfFrozen(TrainingSummary head, TrainingSummary encoder) => Summarise(head, head.Winner,
        $"The encoder stays as it is, {(head.Winner == TrainingWinner.Learned ? "with a head behind it that was trained on its embeddings. "
            : "and so do its embeddings but for a rotation at most. ")}{encoder.Verdict} The head, trained on all rows: {head.Verdict}",
        encoder, head.ValidationScores, bestEpoch: 0);

    /// <summary>The summary of both trainings; the encoder was compared with the head, and scores say what PCA reached.</summary>
    private static TrainingSummary OfBoth(TrainingSummary head, TrainingSummary encoder, double[] pca) => Summarise(
        encoder, TrainingWinner.Learned,
        $"The encoder learned together with a head that was first trained on its embeddings. {encoder.Verdict} The head: {head.Verdict}",
        encoder, pca.Length != encoder.ValidationScores.Count ? encoder.ValidationScores
            : [.. encoder.ValidationScores.Zip(pca,
                (score, ofPca) => new ValidationScore(score.Dimensions, score.Raw, ofPca, score.Learned))],
        encoder.BestEpoch);

    /// <summary>The scores of a map of the encoder's embeddings as they came, on the rows held back; empty where there are none.</summary>
    private static double[] ScoresOf(EmbeddingHead? map, ITrained trained) => map is null || !trained.Task.HasValidation ? []
        : trained.Task.Plan.Options.Objective.Score(trained.Task.Examples, trained.Task.Scoring,
            new MappedEmbeddings(trained.Task.Examples, map), trained.Task.Plan.Dimensions, trained.Loss.Inner);

    private static TrainingSummary Summarise(TrainingSummary rows, TrainingWinner winner, string verdict, TrainingSummary encoder,
        IReadOnlyList<ValidationScore> scores, int bestEpoch) => new()
    {
        Objective = encoder.Objective,
        Winner = winner,
        Verdict = verdict,
        Seed = encoder.Seed,
        TrainingRows = rows.TrainingRows,
        ValidationRows = rows.ValidationRows,
        Epochs = encoder.Epochs,
        BestEpoch = bestEpoch,
        Cancelled = encoder.Cancelled,
        ScoreName = rows.ScoreName,
        ValidationScores = scores,
    };
}

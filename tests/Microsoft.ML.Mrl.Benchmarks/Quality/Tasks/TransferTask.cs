namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What a training for one task does to another: learned on banking77, measured on clinc150.</summary>
internal sealed class TransferTask(LabelledTask learned, LabelledTask measured) : QualityTask("transfer", learned.Dimensions)
{
    public override string Description =>
        $"trained on {learned.Name}, {learned.Labelled.Count:N0} rows, measured on {measured.Name}, {measured.Test.Count:N0} rows";

    public override IReadOnlyList<string> Metrics => measured.Metrics;

    public override IDataView Vectors => learned.Vectors;

    public override IReadOnlyList<Training> Trainings => learned.Trainings;

    public static TransferTask Load(string folder, VectorSource source, RowChoice rows) =>
        new(Banking77.Load(folder, source, rows), Clinc150.Load(folder, source, rows));

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions) => measured.Evaluate(head, dimensions);
}

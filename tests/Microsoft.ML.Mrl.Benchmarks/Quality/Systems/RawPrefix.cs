namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>The first values of the vectors as they came.</summary>
internal sealed class RawPrefix : QualitySystem
{
    public override string Name => "raw prefix";

    public override string Kind => "raw";

    public override IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed) => task.Evaluate(null, task.Dimensions).Rows;
}

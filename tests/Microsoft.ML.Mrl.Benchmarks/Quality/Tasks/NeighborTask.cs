using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Questions of banking77 without their labels: of the 10 training rows nearest to a test row by all values, how many are among the 10
/// nearest by a prefix?
/// </summary>
internal sealed class NeighborTask : QualityTask
{
    private const int Neighbors = 10;

    private readonly MLContext _mlContext = new();
    private readonly IDataView _queries;
    private readonly IDataView _relevance;

    private NeighborTask(Example[] train, Example[] test)
        : base("neighbors", MatryoshkaDimensions.HalvedFrom(train[0].Vector.Length))
    {
        Vectors = Example.View(_mlContext, train);
        _queries = Example.View(_mlContext, test);
        _relevance = _mlContext.Data.LoadFromEnumerable(Nearest(train, test).ToArray());
        Description =
            $"neighbours kept, {train.Length:N0} training rows without labels, {test.Length:N0} test rows, {train[0].Vector.Length} values";
        Trainings = [new(MrlObjective.Unsupervised(), Vectors)];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => [$"Recall@{Neighbors}"];

    public override IDataView Vectors { get; }

    public override IReadOnlyList<Training> Trainings { get; }

    public static NeighborTask Load(string folder, VectorSource source, RowChoice rows)
    {
        (Example[] train, Example[] test) = rows.Choose(Banking77.Part("train", folder, source), Banking77.Part("test", folder, source));
        foreach ((Example row, int i) in train.Concat(test).Select((row, i) => (row, i)))
        {
            row.Id = $"{i}";
        }
        return new NeighborTask(train, test);
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView queries, string column) = Apply(_mlContext, head, _queries);
        (IDataView documents, _) = Apply(_mlContext, head, Vectors);
        return _mlContext.Mrl().EvaluateRetrieval(
            queries, documents, _relevance, Relevance.Columns(column), dimensions, new RetrievalOptions { RecallAt = [Neighbors] });
    }

    private static IEnumerable<Relevance> Nearest(Example[] documents, Example[] queries)
    {
        int width = documents[0].Vector.Length;
        var full = new MatryoshkaDimensions(width);
        var found = new TopNeighbors(1, queries.Length, Neighbors);
        PrefixDotProducts.Scan(Matrix(queries), Matrix(documents), full, found);
        var list = new int[Neighbors];
        for (int query = 0; query < queries.Length; query++)
        {
            foreach (int document in list[..found.Ranked(0, query, list)])
            {
                yield return new Relevance { QueryId = queries[query].Id, DocumentId = documents[document].Id };
            }
        }

        EmbeddingMatrix Matrix(Example[] rows) => new(rows.SelectMany(row => row.Vector).ToArray(), rows.Length, width);
    }
}

using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>What do eight dimensions cost, compared with the full width alone, when 2,000 queries look through 20,000 documents of 768 values?</summary>
[ShortRunJob]
[MemoryDiagnoser]
public class EvaluationBenchmarks
{
    private const int Width = 768;
    private const int Queries = 2_000;
    private const int Documents = 20_000;

    private EmbeddingMatrix _queries;
    private EmbeddingMatrix _documents;
    private RelevantDocument[][] _relevance = [];

    /// <summary>Random vectors; each query is a noisy copy of its one relevant document.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(7);
        var documents = new float[Documents * Width];
        var queries = new float[Queries * Width];
        for (int i = 0; i < documents.Length; i++)
        {
            documents[i] = random.NextSingle() - 0.5f;
        }
        for (int i = 0; i < queries.Length; i++)
        {
            queries[i] = documents[i] + (2 * (random.NextSingle() - 0.5f));
        }
        _documents = new EmbeddingMatrix(documents, Documents, Width);
        _queries = new EmbeddingMatrix(queries, Queries, Width);
        _relevance = [.. Enumerable.Range(0, Queries).Select(i => new[] { new RelevantDocument(i, 1) })];
    }

    /// <summary>The full width alone.</summary>
    [Benchmark(Baseline = true)]
    public double FullWidthAlone() => Evaluate(new MatryoshkaDimensions(Width));

    /// <summary>Eight dimensions in one pass.</summary>
    [Benchmark]
    public double EightDimensionsAtOnce() => Evaluate(MatryoshkaDimensions.HalvedFrom(Width, 6));

    /// <summary>The same eight dimensions, a pass each.</summary>
    [Benchmark]
    public double EightDimensionsOneByOne()
        => MatryoshkaDimensions.HalvedFrom(Width, 6).Average(m => Evaluate(new MatryoshkaDimensions(m)));

    /// <summary>
    /// The same eight dimensions for a twentieth of the queries, pair by pair: cut both vectors, ask for their cosine, count what lies above
    /// the relevant document. Multiply the time by 20.
    /// </summary>
    [Benchmark]
    public double TwentiethPairByPair()
    {
        var ranks = new double[Queries / 20];
        foreach (int m in MatryoshkaDimensions.HalvedFrom(Width, 6))
        {
            Parallel.For(0, ranks.Length, q =>
            {
                ReadOnlySpan<float> query = _queries.Row(q)[..m];
                float wanted = TensorPrimitives.CosineSimilarity(query, _documents.Row(q)[..m]);
                for (int d = 0; d < Documents; d++)
                {
                    ranks[q] += TensorPrimitives.CosineSimilarity(query, _documents.Row(d)[..m]) > wanted ? 1 : 0;
                }
            });
        }
        return ranks.Average();
    }

    private double Evaluate(MatryoshkaDimensions dimensions) => RetrievalEvaluation.Evaluate(_queries, _documents, _relevance, dimensions).Score;
}

using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Search.Quantized;

/// <summary>The way from a column of embeddings to answers, as one would write it.</summary>
public class QuantizationSampleTests
{
    [Fact]
    public void QuantizeSearchRescoreTuneAndRecommend_WorkTogether()
    {
        var mlContext = new MLContext(1);
        IDataView articles = SampleVectors.View(mlContext, SampleVectors.Random(400, 64)),
        heldOutQueries = SampleVectors.View(mlContext, SampleVectors.Random(120, 64, 2));
        float[] query = SampleVectors.Random(1, 64, 5)[0];

        // Cut to 32 values, unit length, then a bit a value for the search; all values, a byte each, for the ranking.
        var pipeline = mlContext.Transforms.QuantizeEmbedding("Bits", "Embedding", EmbeddingType.Binary, dimensions: 32)
            .Append(mlContext.Transforms.QuantizeEmbedding("Bytes", "Embedding", EmbeddingType.Int8));
        IDataView stored = pipeline.Fit(articles).Transform(articles);

        // How long must the short list be?
        FunnelTuning tuning = mlContext.Mrl()
            .TuneRescoring(articles, heldOutQueries, "Embedding", EmbeddingType.Binary, 32, options: new() { Top = 10, Recall = 0.7 });
        QuantizedVectors bits = QuantizedVectors.Read(stored, "Bits"), bytes = QuantizedVectors.Read(stored, "Bytes");
        SearchHit[] best = bytes.Rescore(query, bits.Search(query, tuning.Plan.Candidates), 10);

        Assert.Equal(10, best.Length);
        Assert.True(tuning.IsSure);
        Assert.Equal((4, 64), (bits.BytesPerVector, bytes.BytesPerVector));
    }
}

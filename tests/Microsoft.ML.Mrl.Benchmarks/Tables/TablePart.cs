namespace Microsoft.ML.Mrl.Benchmarks.Tables;

/// <summary>A part of the tables.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Question">The question that it answers.</param>
/// <param name="Minutes">About how long it takes on two cores.</param>
/// <param name="Calls">The verbs that make it, with their words.</param>
internal sealed record TablePart(string Name, string Question, double Minutes, string[][] Calls)
{
    /// <summary>All parts, quick ones first.</summary>
    /// <param name="data">The folder of the data sets.</param>
    /// <param name="cache">Where the encoders' vectors are kept.</param>
    public static TablePart[] All(string data, string cache)
    {
        string[] folders = [$"data={data}", $"cache={cache}"];
        return
        [
            new("quantize", "what do scans of quantized vectors and quantizing a column take?", 0.4, [["quantize"]]),
            new("quantization", "more dimensions or finer values, at equal bytes?", 3, [["quantization", .. folders, "seeds=1,2,3"]]),
            new("tokens", "how fast are encoders and tokenizers?", 2.1,
                [["tokens", data], ["encode", data],
                    ["tokenizers", data, Path.Combine("tests", "Microsoft.ML.Mrl.Tests", "Text", "Tokenizers", "Data")]]),
            new("tune", "what does a step of a transformer's training cost?", 0.9, [["tune"]]),
            new("nested", "what does a step with nested dimensions cost?", 15, [["nested"], ["threads"], ["input"]]),
            new("adaptive", "how many values does adaptive classification read, and in what time?", 15, [["adaptive", data]]),
            new("evaluate", "what do eight dimensions cost to evaluate, compared with one?", 5, [["evaluate"]]),
            new("truncate", "what does TruncateEmbedding cost, compared with a plain loop?", 3, [["truncate"]]),
            new("finetune", "what does MrlFineTune take as a user meets it, compared with plain TorchSharp?", 5.3,
                [["finetune", .. folders]]),
            new("outofcore", "how much memory does a training on more rows than memory take?", 2.5,
                [.. new[] { "100000", "1000000", "2000000", "4000000" }.Select(rows => new[] { "outofcore", rows })]),
            new("kill", "does a training that is killed go on to the same bytes?", 8.2, [["kill"]]),
            new("postgres", "exact and two-stage search in PostgreSQL", 15, [["postgres", .. folders]]),
            new("search", "queries a second at a certified recall, beside plain HNSW", 6.8, [["search", "raw", "pca", "head", .. folders]]),
            new("search-made", "the same for 200,000 made vectors of 768 values", 7.6, [["search", "made"]]),
            new("quality", "how good is each prefix of pretrained encoders' vectors?", 60,
                [["quality", "all", "minilm", "arctic", .. folders]]),
            new("few-rows", "does a training with few rows harm?", 25, [["few-rows", .. folders]]),
            new("tune-minilm", "what does fine-tuning MiniLM itself give, at what cost?", 10.3, [["tune-minilm", data]]),
            new("frozen", "how good is each prefix of GloVe's vectors and of pixels?", 30,
                [["quality", "glove", .. folders, "seeds=1,2,3"]]),
            new("distill", "what is left of MiniLM in a static encoder that is distilled from it?", 6, [["distill", .. folders]]),
            new("static", "what do nested losses give a whole static encoder?", 10.8, [["static", data, "seeds=1,2,3"]]),
        ];
    }
}

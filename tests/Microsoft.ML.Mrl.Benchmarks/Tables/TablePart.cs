namespace Microsoft.ML.Mrl.Benchmarks.Tables;

/// <summary>A part of the tables.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Question">The question that it answers.</param>
/// <param name="Minutes">About how long it takes on two cores.</param>
/// <param name="Calls">The verbs that make it, with their words.</param>
internal sealed record TablePart(string Name, string Question, int Minutes, string[][] Calls)
{
    /// <summary>All parts, quick ones first.</summary>
    /// <param name="data">The folder of the data sets.</param>
    /// <param name="cache">Where the encoders' vectors are kept.</param>
    public static TablePart[] All(string data, string cache)
    {
        string[] folders = [$"data={data}", $"cache={cache}"];
        return
        [
            new("quantize", "what do scans of quantized vectors and quantizing a column take?", 5, [["quantize"]]),
            new("quantization", "more dimensions or finer values, at equal bytes?", 3, [["quantization", .. folders, "seeds=1,2,3"]]),
            new("tokens", "how fast are encoders and tokenizers?", 8,
                [["tokens", data], ["encode", data],
                    ["tokenizers", data, Path.Combine("tests", "Microsoft.ML.Mrl.Tests", "Text", "Tokenizers", "Data")]]),
            new("tune", "what does a step of a transformer's training cost?", 8, [["tune"]]),
            new("nested", "what does a step with nested dimensions cost?", 15, [["nested"], ["threads"], ["input"]]),
            new("adaptive", "how many values does adaptive classification read, and in what time?", 15, [["adaptive", data]]),
            new("evaluate", "what do eight dimensions cost to evaluate, compared with one?", 5, [["evaluate"]]),
            new("truncate", "what does TruncateEmbedding cost, compared with a plain loop?", 3, [["truncate"]]),
            new("finetune", "what does MrlFineTune take as a user meets it, compared with plain TorchSharp?", 10,
                [["finetune", .. folders]]),
            new("outofcore", "how much memory does a training on more rows than memory take?", 8,
                [.. new[] { "100000", "1000000", "2000000", "4000000" }.Select(rows => new[] { "outofcore", rows })]),
            new("kill", "does a training that is killed go on to the same bytes?", 15, [["kill"]]),
            new("postgres", "exact and two-stage search in PostgreSQL", 15, [["postgres", .. folders]]),
            new("search", "queries a second at a certified recall, beside plain HNSW", 10, [["search", "raw", "pca", "head", .. folders]]),
            new("search-made", "the same for 200,000 made vectors of 768 values", 12, [["search", "made"]]),
            new("quality", "how good is each prefix of pretrained encoders' vectors?", 60,
                [["quality", "all", "minilm", "arctic", .. folders]]),
            new("few-rows", "does a training with few rows harm?", 25, [["few-rows", .. folders]]),
            new("tune-minilm", "what does fine-tuning MiniLM itself give, at what cost?", 25, [["tune-minilm", data]]),
            new("frozen", "how good is each prefix of GloVe's vectors and of pixels?", 30,
                [["quality", "glove", .. folders, "seeds=1,2,3"]]),
            new("static", "what do nested losses give a whole static encoder?", 20, [["static", data, "seeds=1,2,3"]]),
        ];
    }
}

using System.IO.Compression;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Scientific claims and the abstracts that they cite (Wadden et al. 2020), as mean word vectors. Trained on the training claims; tested
/// on the validation claims, whose cited abstracts are searched among all, as BEIR does.
/// </summary>
internal sealed class SciFact : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly IDataView _claims;
    private readonly IDataView _abstracts;
    private readonly IDataView _citations;

    private SciFact(Example[] pairs, Example[] claims, Example[] abstracts, Citation[] citations, int width)
        : base("scifact", MatryoshkaDimensions.DoubledUpTo(width))
    {
        IDataView pairsView = Example.View(_mlContext, pairs);
        _claims = Example.View(_mlContext, claims);
        _abstracts = Example.View(_mlContext, abstracts);
        _citations = _mlContext.Data.LoadFromEnumerable(citations);
        Vectors = Example.View(_mlContext, [.. abstracts, .. pairs]);
        Description = $"claims by cited abstract, {pairs.Length:N0} training pairs, {claims.Length:N0} test claims, {abstracts.Length:N0} abstracts, {width} values";
        Supervisions =
        [
            new("Pairs", MrlObjective.Pairs(nameof(Example.Other)), _ => pairsView),
            new("Pairs, mined", MrlObjective.Pairs(nameof(Example.Other), "Negative"),
                _ => _mlContext.Mrl().MineHardNegatives(pairsView, nameof(Example.Vector), nameof(Example.Other))),
        ];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => ["nDCG@10"];

    public override IDataView Vectors { get; }

    public override IReadOnlyList<Supervision> Supervisions { get; }

    public static SciFact Load(string folder)
    {
        GloveVectors words = GloveVectors.Of(folder);
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(folder, "scifact", "scifact.zip"));
        // doc_id, title, abstract, structured
        Dictionary<string, Example> abstracts = Rows("corpus_train.csv").ToDictionary(row => row[0], row => Row(row[0], row[1] + " " + row[2]));
        (Example Claim, string[] Cited)[] train = Claims("claims_train.csv"), test = Claims("claims_validation.csv");
        return new SciFact(
            [.. train.SelectMany(claim => claim.Cited.Select(id => new Example { Id = claim.Claim.Id, Vector = claim.Claim.Vector, Other = abstracts[id].Vector }))],
            [.. test.Select(claim => claim.Claim)],
            [.. abstracts.Values],
            [.. test.SelectMany(claim => claim.Cited.Select(id => new Citation { QueryId = claim.Claim.Id, DocumentId = id }))],
            words.Dimensions);

        // id, claim, evidence_doc_id, evidence_label, evidence_sentences, cited_doc_ids; a claim has a row for each piece of evidence.
        (Example Claim, string[] Cited)[] Claims(string name) => [.. Rows(name).GroupBy(row => row[0]).Select(group => (
            Row(group.Key, group.First()[1]),
            group.SelectMany(row => row[5].Trim('[', ']').Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)).Distinct().ToArray()))];

        IEnumerable<string[]> Rows(string name)
        {
            using var reader = new StreamReader(archive.GetEntry(name)!.Open());
            return CsvFile.Read(reader).Skip(1);
        }

        Example Row(string id, string text)
        {
            float[] vector = words.Embed(text);
            return new Example { Id = id, Vector = vector, Other = vector };
        }
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView claims, string column) = Apply(_mlContext, head, _claims);
        (IDataView abstracts, _) = Apply(_mlContext, head, _abstracts);
        var columns = new RetrievalColumns { QueryId = nameof(Example.Id), DocumentId = nameof(Example.Id), QueryEmbedding = column, DocumentEmbedding = column };
        return _mlContext.Mrl().EvaluateRetrieval(claims, abstracts, _citations, columns, dimensions);
    }

    private sealed class Citation
    {
        public string QueryId { get; set; } = "";

        public string DocumentId { get; set; } = "";
    }
}

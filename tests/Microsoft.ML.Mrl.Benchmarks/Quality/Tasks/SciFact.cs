using System.IO.Compression;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Scientific claims and the abstracts that they cite (Wadden et al. 2020). Trained on the training claims, without those that cite an
/// abstract that a test claim cites, or on the abstracts alone; tested on the validation claims, or on a fourth of the training claims,
/// whose cited abstracts are searched among all, as BEIR does.
/// </summary>
internal sealed class SciFact : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly IDataView _claims;
    private readonly IDataView _abstracts;
    private readonly IDataView _citations;

    private SciFact(Example[] pairs, Example[] claims, Example[] abstracts, Relevance[] citations, MatryoshkaDimensions dimensions)
        : base("scifact", dimensions)
    {
        _claims = Example.View(_mlContext, claims);
        _abstracts = Example.View(_mlContext, abstracts);
        _citations = _mlContext.Data.LoadFromEnumerable(citations);
        PairedVectors = Example.View(_mlContext,
            [.. pairs.SelectMany(pair => new[] { pair, new Example { Vector = pair.Other, Other = pair.Other } })]);
        Description =
            $"claims by cited abstract, {pairs.Length:N0} training pairs, {claims.Length:N0} test claims, {abstracts.Length:N0} abstracts, " +
            $"{dimensions.Largest} values; no abstract is cited by both";
        Trainings =
        [
            new(MrlObjective.Pairs(nameof(Example.Other)), Example.View(_mlContext, pairs)),
            new(MrlObjective.Unsupervised(), _abstracts),
        ];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => ["nDCG@10"];

    public override IDataView Vectors => _abstracts;

    public override IDataView? PairedVectors { get; }

    public override IReadOnlyList<Training> Trainings { get; }

    public static SciFact Load(string folder, VectorSource source, RowChoice rows)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(folder, "scifact", "scifact.zip"));
        // doc_id, title, abstract, structured
        string[][] texts = [.. Rows("corpus_train.csv")];
        float[][] vectors = source.Embed("scifact-abstracts", [.. texts.Select(row => row[1] + " " + row[2])]);
        Dictionary<string, Example> abstracts = texts.Select((row, i) => Row(row[0], vectors[i])).ToDictionary(row => row.Id);
        (Example Claim, string[] Cited)[] train = Claims("train"), test = Claims("validation");
        train = Without(train, test);
        if (rows.MeasuresHeldBack)
        {
            new Random(rows.Seed).Shuffle(train);
            test = train[..(train.Length / 4)];
            train = Without(train[test.Length..], test);
        }
        return new SciFact(
            [
                .. train.SelectMany(claim => claim.Cited.Select(
                    id => new Example { Id = claim.Claim.Id, Vector = claim.Claim.Vector, Other = abstracts[id].Vector })),
            ],
            [.. test.Select(claim => claim.Claim)],
            [.. abstracts.Values],
            [.. test.SelectMany(claim => claim.Cited.Select(id => new Relevance { QueryId = claim.Claim.Id, DocumentId = id }))],
            source.Dimensions);

        // id, claim, evidence_doc_id, evidence_label, evidence_sentences, cited_doc_ids; a claim has a row for each piece of evidence.
        (Example Claim, string[] Cited)[] Claims(string name)
        {
            IGrouping<string, string[]>[] claims = [.. Rows($"claims_{name}.csv").GroupBy(row => row[0])];
            float[][] embedded = source.Embed($"scifact-{name}", [.. claims.Select(claim => claim.First()[1])], areQueries: true);
            return
            [
                .. claims.Select((claim, i) => (
                    Row(claim.Key, embedded[i]),
                    claim.SelectMany(row => row[5].Trim('[', ']').Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
                        .Distinct().ToArray())),
            ];
        }

        static (Example Claim, string[] Cited)[] Without((Example Claim, string[] Cited)[] claims, (Example Claim, string[] Cited)[] tested)
        {
            var cited = tested.SelectMany(claim => claim.Cited).ToHashSet();
            return [.. claims.Where(claim => !claim.Cited.Any(cited.Contains))];
        }

        IEnumerable<string[]> Rows(string name)
        {
            using var reader = new StreamReader(archive.GetEntry(name)!.Open());
            return CsvFile.Read(reader).Skip(1);
        }

        static Example Row(string id, float[] vector) => new() { Id = id, Vector = vector, Other = vector };
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView claims, string column) = Apply(_mlContext, head, _claims);
        (IDataView abstracts, _) = Apply(_mlContext, head, _abstracts);
        return _mlContext.Mrl().EvaluateRetrieval(claims, abstracts, _citations, Relevance.Columns(column), dimensions);
    }
}

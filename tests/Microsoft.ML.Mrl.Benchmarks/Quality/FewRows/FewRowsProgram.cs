using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Benchmarks.Quality.FewRows;

/// <summary>
/// How often and by how much does a default training do harm where training rows are few: <c>few-rows [CASE …] [key=value …]</c>. Each seed
/// draws other training rows.
/// </summary>
internal static class FewRowsProgram
{
    private const string Usage =
        """
        few-rows [CASE …] [key=value …]
          CASE          banking77, clinc150, stsb, optdigits, utterances, two, rare, tiny, singles; all of them without any
          rows=100,200  the numbers of training rows; default those of the case
          seeds=1,2     of the rows and of the trainings; default 1,2,3
          data=FOLDER   the public data sets; default ../shared/data
          cache=FOLDER  where the encoder's vectors are kept; default mrl-vectors in the folder for temporary files
          verdicts=true writes each training's verdict, to the error stream
        """;

    public static int Run(string[] args)
    {
        string[] names = [.. args.Where(word => !word.Contains('=', StringComparison.Ordinal))];
        Dictionary<string, string> values = args.Except(names).Select(word => word.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        if (names.Except(FewRowsCase.All.Select(c => c.Name)).Any()
            || values.Keys.Except(["rows", "seeds", "data", "cache", "verdicts"]).Any())
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }
        string folder = values.GetValueOrDefault("data", Path.Combine("..", "shared", "data"));
        VectorSource source = VectorSource.Of(
            "minilm", folder, values.GetValueOrDefault("cache", Path.Combine(Path.GetTempPath(), "mrl-vectors")));
        int[] seeds = Numbers(values.GetValueOrDefault("seeds", "1,2,3"));
        Console.WriteLine($"{RunDescription.Now()}. Defaults, MiniLM or pixels, seeds {string.Join(", ", seeds)}.");
        Console.WriteLine(
            "Lead × 100 over the better of raw and PCA, mean over seeds and metrics; below: cells (seed, metric, dimension) worse by more than 1, " +
            "2 standard errors of the difference, of all.");
        Console.WriteLine("| training rows | returned | lead by dimension | below 1 SE | below 2 SE | worst | s |");
        Console.WriteLine("|---|---|---|---:|---:|---:|---:|");
        foreach (FewRowsCase chosen in FewRowsCase.All.Where(c => names.Length == 0 || names.Contains(c.Name)))
        {
            foreach (int rows in values.TryGetValue("rows", out string? given) ? Numbers(given) : chosen.Rows)
            {
                var clock = Stopwatch.StartNew();
                Outcome[] outcomes = [
                    .. seeds.Select(seed => Measure(chosen.Load(rows, seed, folder, source), seed, values.ContainsKey("verdicts")))];
                Console.WriteLine(Line($"{chosen.Name}, {rows}", outcomes, clock.Elapsed.TotalSeconds / seeds.Length));
            }
        }
        return 0;
    }

    private static int[] Numbers(string words) => Array.ConvertAll(words.Split(','), word => int.Parse(word, CultureInfo.InvariantCulture));

    private static Outcome Measure(QualityTask task, int seed, bool writesVerdict)
    {
        DimensionReport raw = new RawPrefix().Measure(task, seed), pca = new PcaPrefix().Measure(task, seed);
        var training = new DefaultTraining(task.Trainings[0], logs: false);
        DimensionReport learned = training.Measure(task, seed);
        if (writesVerdict)
        {
            Console.Error.WriteLine($"{task.Description}\n{training.Chosen}");
        }
        var cells = new List<Cell>();
        foreach (string metric in task.Metrics)
        {
            double[] overRaw = Errors(learned.Resampled[metric], raw.Resampled[metric]),
            overPca = Errors(learned.Resampled[metric], pca.Resampled[metric]);
            for (int i = 0; i < task.Dimensions.Count; i++)
            {
                int m = task.Dimensions[i];
                bool isRaw = raw[m][metric] > pca[m][metric];
                cells.Add(new Cell(m, learned[m][metric] - Math.Max(raw[m][metric], pca[m][metric]), isRaw ? overRaw[i] : overPca[i]));
            }
        }
        return new Outcome(training.Winner, cells);
    }

    /// <summary>The standard errors of the difference of two systems' scores, by resamples of the measured rows.</summary>
    private static double[] Errors(ResampledMetric one, ResampledMetric other)
    {
        const int resamples = 200;
        var random = new Random(1);
        var times = new float[one.Rows];
        double[] first = new double[one.Dimensions], second = new double[one.Dimensions];
        var differences = new List<double[]>();
        for (int r = 0; r < resamples; r++)
        {
            Bootstrap.Draw(random, times);
            one.Score(times, first);
            other.Score(times, second);
            differences.Add([.. first.Zip(second, (a, b) => a - b)]);
        }
        return [.. Enumerable.Range(0, first.Length).Select(m =>
        {
            double mean = differences.Average(d => d[m]);
            return Math.Sqrt(differences.Sum(d => (d[m] - mean) * (d[m] - mean)) / (resamples - 1));
        })];
    }

    private static string Line(string name, Outcome[] outcomes, double seconds)
    {
        Cell[] cells = [.. outcomes.SelectMany(o => o.Cells)];
        Cell worst = cells.MinBy(c => c.Lead)!;
        string leads = string.Join(
            " ", cells.GroupBy(c => c.Dimensions)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Average(c => c.Lead) * 100:+0.0;−0.0;0.0}")));
        string winners = string.Join(", ", outcomes.GroupBy(o => o.Winner).Select(g => $"{g.Key} {g.Count()}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {winners} | {leads} | {cells.Count(c => c.Lead < -c.Error)} of {cells.Length} | {cells.Count(c => c.Lead < -2 * c.Error)} | {worst.Lead * 100:+0.0;−0.0;0.0} at {worst.Dimensions} | {seconds:F0} |");
    }

    private sealed record Cell(int Dimensions, double Lead, double Error);

    private sealed record Outcome(TrainingWinner Winner, IReadOnlyList<Cell> Cells);
}

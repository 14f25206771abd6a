using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Classification;

/// <summary>
/// How few values of a row does adaptive classification look at, how much time does that save, and at what accuracy, by nearest centroids
/// and by linear classifiers? <c>dotnet run -c Release -- adaptive FOLDER [key=value …]</c> with
/// <c>tasks=banking77,clinc150,optdigits,mnist</c>,
/// <c>encoder=minilm</c> for the tasks with texts, <c>features=pca,head</c>, <c>kinds=NearestCentroid,Ridge,Logistic</c>,
/// <c>losses=0,0.01</c>,
/// <c>seeds=1,2,3</c>, <c>penalty=</c> and <c>rounds=99</c>.
/// </summary>
/// <remarks>
/// Vectors are principal components of all training rows, or what a head makes that learned by the labels of half of the training rows;
/// classifiers are fitted and calibrated on the training rows, the other half of them after a head, and measured on the test rows. A seed
/// draws the split into rows to fit to, to choose by and to judge by.
/// </remarks>
internal static class AdaptiveProgram
{
    private static readonly Dictionary<string, string> s_defaults = new()
    {
        ["tasks"] = "banking77,mnist,optdigits",
        ["encoder"] = "minilm",
        ["features"] = "head",
        ["kinds"] = "NearestCentroid,Ridge,Logistic",
        ["losses"] = "0,0.01",
        ["seeds"] = "1,2,3",
        ["penalty"] = "",
        ["rounds"] = "99",
    };

    public static int Run(string[] args)
    {
        if (args.Length == 0 || !Directory.Exists(args[0])
            || args.Skip(1).Any(word => word.Split('=') is not [var key, { Length: > 0 }] || !s_defaults.ContainsKey(key)))
        {
            Console.Error.WriteLine($"Use: adaptive FOLDER {string.Join(' ', s_defaults.Select(pair => $"[{pair.Key}={pair.Value}]"))}");
            return 2;
        }
        var settings = new Dictionary<string, string>(s_defaults);
        foreach (string[] pair in args.Skip(1).Select(word => word.Split('=')))
        {
            settings[pair[0]] = pair[1];
        }
        Console.WriteLine($"{RunDescription.Now()}. Seeds of the split {settings["seeds"]}; mean ± standard deviation over them.");
        Console.WriteLine(
            "Values: the mean number of a row's values that were looked at. Saved: the full width over that. Time: of a classifier of the full width alone over adaptive, classifying all test rows in one thread, the two in turns, median of the ratios. " +
            "ECE: expected calibration error of the confidence at the full width, 15 bins, where it is a probability.");
        foreach (string name in settings["tasks"].Split(','))
        {
            LabelledTask task = name switch
            {
                "banking77" => Banking77.Load(args[0], Source(), new RowChoice()),
                "clinc150" => Clinc150.Load(args[0], Source(), new RowChoice()),
                "optdigits" => Optdigits.Load(args[0]),
                "mnist" => Mnist.Load(args[0]),
                _ => throw new ArgumentException($"There is no task '{name}'."),
            };
            foreach (string features in settings["features"].Split(','))
            {
                Measure(task, AdaptiveFeatures.Of(task, features), settings);
            }
        }
        return 0;

        VectorSource Source() => VectorSource.Of(settings["encoder"], args[0], new QualitySettings([$"data={args[0]}"]).CacheFolder);
    }

    private static void Measure(LabelledTask task, AdaptiveFeatures features, Dictionary<string, string> settings)
    {
        int[] dimensions = [.. task.Dimensions];
        Console.WriteLine();
        Console.WriteLine($"### {task.Name}, {features.Name}: {task.Description}");
        Console.WriteLine();
        Console.WriteLine(
            $"| classifier | {string.Join(" | ", dimensions)} | loss allowed | adaptive | values | saved | time | ECE | seconds to fit |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", dimensions.Length + 7))}");
        foreach (AdaptiveClassifierKind kind in settings["kinds"].Split(',').Select(Enum.Parse<AdaptiveClassifierKind>))
        {
            var fulls = new Dictionary<int, AdaptiveClassifier>();
            foreach (string loss in settings["losses"].Split(','))
            {
                var runs = new List<double[]>();
                foreach (string seed in settings["seeds"].Split(','))
                {
                    runs.Add(MeasureOnce(features, new AdaptiveClassifierOptions
                    {
                        Kind = kind,
                        Dimensions = task.Dimensions,
                        AccuracyLoss = double.Parse(loss, CultureInfo.InvariantCulture),
                        L2Regularization = settings["penalty"] is { Length: > 0 } penalty
                            ? double.Parse(penalty, CultureInfo.InvariantCulture) : null,
                        Seed = int.Parse(seed, CultureInfo.InvariantCulture),
                    }, fulls, int.Parse(settings["rounds"], CultureInfo.InvariantCulture)));
                }
                string[] cells = [
                    .. Enumerable.Range(0, runs[0].Length).Select(i => Cell([.. runs.Select(run => run[i])], i, dimensions.Length))];
                Console.WriteLine(
                    $"| {kind} | {string.Join(" | ", cells[..dimensions.Length])} | {loss} | {string.Join(" | ", cells[dimensions.Length..])} |");
            }
        }
    }

    /// <summary>The accuracy at each dimension, adaptive accuracy, values, saved, time, calibration error and seconds to fit.</summary>
    private static double[] MeasureOnce(
        AdaptiveFeatures features, AdaptiveClassifierOptions options, Dictionary<int, AdaptiveClassifier> fulls, int rounds)
    {
        var clock = Stopwatch.StartNew();
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(features.Train, features.TrainLabels, options);
        double seconds = clock.Elapsed.TotalSeconds;
        int stages = classifier.Dimensions.Count;
        AdaptiveClassifier[] single = [
            .. Enumerable.Range(0, stages)
            .Select(i => classifier.WithThresholds([.. Enumerable.Range(0, stages - 1).Select(j => j < i ? float.PositiveInfinity : 0)]))];
        // Whoever classifies at the full width alone has no other classifier; this one looks at all the shorter ones first.
        if (!fulls.TryGetValue(options.Seed, out AdaptiveClassifier? full))
        {
            fulls[options.Seed] = full = AdaptiveClassifier.Fit(features.Train, features.TrainLabels, new AdaptiveClassifierOptions
            {
                Kind = options.Kind,
                Dimensions = [classifier.Dimensions.Largest],
                AccuracyLoss = options.AccuracyLoss,
                L2Regularization = options.L2Regularization,
                Seed = options.Seed,
            });
        }
        AdaptivePrediction[] adaptive = classifier.PredictMany(features.Test), atFull = full.PredictMany(features.Test);
        double values = adaptive.Average(p => p.Dimensions);
        (double Seconds, double Ratio)[] times = Turns.Measure(
            [("full", () => full.PredictMany(features.Test, 1)), ("adaptive", () => classifier.PredictMany(features.Test, 1))], rounds);
        return
        [
            .. single.Select(one => Accuracy(one.PredictMany(features.Test))), Accuracy(adaptive), values,
            classifier.Dimensions.Largest / values, times[1].Ratio,
            options.Kind == AdaptiveClassifierKind.NearestCentroid ? double.NaN : CalibrationError(atFull, features.TestLabels), seconds,
        ];

        double Accuracy(AdaptivePrediction[] predictions) => predictions.Zip(features.TestLabels, (p, label) => p.Label == label ? 1.0 : 0)
            .Average();
    }

    private static double CalibrationError(AdaptivePrediction[] predictions, string[] labels) => predictions.Zip(labels)
        .GroupBy(pair => Math.Min((int)(pair.First.Confidence * 15), 14))
        .Sum(bin => Math.Abs(bin.Sum(pair => pair.First.Confidence - (pair.First.Label == pair.Second ? 1 : 0)))) / predictions.Length;

    private static string Cell(double[] values, int index, int dimensions)
    {
        double mean = values.Average(),
        deviation = values.Length > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)) : 0;
        return double.IsNaN(mean) ? "" : (index - dimensions) switch
        {
            <= 0 => string.Create(CultureInfo.InvariantCulture, $"{100 * mean:F1} ± {100 * deviation:F1}"),
            1 => string.Create(CultureInfo.InvariantCulture, $"{mean:F1} ± {deviation:F1}"),
            3 => string.Create(CultureInfo.InvariantCulture, $"{mean:F2}"),
            4 => string.Create(CultureInfo.InvariantCulture, $"{mean:F3}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{mean:F1}"),
        };
    }
}

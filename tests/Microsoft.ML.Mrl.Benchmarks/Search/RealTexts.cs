using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>
/// Texts to search among, each once: questions to a bank, requests to an assistant, sentences of STS-B, and claims and abstracts of
/// SciFact. Where the data sets are not there, the utterances that the tool ships.
/// </summary>
internal static class RealTexts
{
    /// <summary>The vectors of the texts at the encoder's width, and their labels where they have some.</summary>
    public static (float[] Vector, string? Label)[] Embed(string dataFolder, string cacheFolder)
    {
        VectorSource source = VectorSource.Of("minilm", dataFolder, cacheFolder);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var rows = new List<(float[], string?)>();
        foreach (
            (string part, (string Text, string? Label)[] texts, bool areQueries) in Directory.Exists(dataFolder) ? Parts(dataFolder)
            : Shipped(dataFolder))
        {
            float[][] vectors = source.Embed(part, [.. texts.Select(row => row.Text)], areQueries);
            rows.AddRange(
                texts.Select((row, i) => (row.Text, row.Label, Vector: vectors[i])).Where(row => seen.Add(row.Text))
                .Select(row => (row.Vector, row.Label)));
        }
        return [.. rows];
    }

    private static IEnumerable<(string Part, (string, string?)[] Texts, bool AreQueries)> Parts(string folder)
    {
        foreach (string name in new[] { "train", "test" })
        {
            yield return (
                $"banking77-{name}", [
                    .. CsvFile.Read(Path.Combine(folder, "banking77", $"{name}.csv")).Skip(1).Select(row => (row[0], (string?)row[1]))],
                    false);
        }
        using (JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "clinc150", "data_full.json"))))
        {
            foreach (string name in new[] { "train", "test", "val" })
            {
                yield return (
                    $"clinc150-{name}",
                    [.. json.RootElement.GetProperty(name).EnumerateArray().Select(row => (row[0].GetString()!, row[1].GetString()))],
                    false);
            }
        }
        foreach (string name in new[] { "train", "dev", "test" })
        {
            List<string[]> pairs = CsvFile.Read(Path.Combine(folder, "stsb", $"stsb-en-{name}.csv"));
            yield return ($"stsb-{name}-1", [.. pairs.Select(pair => (pair[0], (string?)null))], false);
            yield return ($"stsb-{name}-2", [.. pairs.Select(pair => (pair[1], (string?)null))], false);
        }
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(folder, "scifact", "scifact.zip"));
        yield return ("scifact-abstracts", [.. Rows("corpus_train.csv").Select(row => (row[1] + " " + row[2], (string?)null))], false);
        foreach (string name in new[] { "train", "validation" })
        {
            yield return (
                $"scifact-{name}",
                [.. Rows($"claims_{name}.csv").GroupBy(row => row[0]).Select(claim => (claim.First()[1], (string?)null))], true);
        }

        List<string[]> Rows(string name)
        {
            using var reader = new StreamReader(archive.GetEntry(name)!.Open());
            return [.. CsvFile.Read(reader).Skip(1)];
        }
    }

    private static IEnumerable<(string Part, (string, string?)[] Texts, bool AreQueries)> Shipped(string missing)
    {
        const string File = "src/Microsoft.ML.Mrl.Cli/Data/support.tsv";
        Console.WriteLine(
            $"The data sets are not in '{missing}' (name their folder with data=FOLDER): the utterances of {File} take their place.");
        string? root = Environment.CurrentDirectory;
        while (root is not null && !System.IO.File.Exists(Path.Combine(root, File)))
        {
            root = Path.GetDirectoryName(root);
        }
        string path = Path.Combine(
            root ?? throw new FileNotFoundException(
                $"{File} is in no folder above {Environment.CurrentDirectory}. Run the benchmark inside the repository."), File);
        yield return (
            "support",
            [.. System.IO.File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Select(row => (row[0], (string?)row[1]))], false);
    }
}

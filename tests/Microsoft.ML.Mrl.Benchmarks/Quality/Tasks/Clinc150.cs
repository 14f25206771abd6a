using System.Text.Json;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Requests to an assistant and what they ask for (Larson et al. 2019), those in scope.</summary>
internal static class Clinc150
{
    public static LabelledTask Load(string folder, VectorSource source, RowChoice rows)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "clinc150", "data_full.json")));
        return new LabelledTask(
            "clinc150", "requests by intent", Part("train"), Part("test"), source.Dimensions, rows, "NearestCentroid", "1-NN");

        Example[] Part(string name)
        {
            (string Text, string Label)[] requests =
                [.. json.RootElement.GetProperty(name).EnumerateArray().Select(row => (row[0].GetString()!, row[1].GetString()!))];
            float[][] vectors = source.Embed($"clinc150-{name}", [.. requests.Select(request => request.Text)]);
            return [.. requests.Select((request, i) => new Example { Vector = vectors[i], Label = request.Label })];
        }
    }
}

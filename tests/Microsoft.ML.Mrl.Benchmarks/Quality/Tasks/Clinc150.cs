using System.Text.Json;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Requests to an assistant and what they ask for (Larson et al. 2019), those in scope, as mean word vectors.</summary>
internal static class Clinc150
{
    public static LabelledTask Load(string folder)
    {
        GloveVectors words = GloveVectors.Of(folder);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "clinc150", "data_full.json")));
        return new LabelledTask("clinc150", "requests by intent", Part("train"), Part("test"), MatryoshkaDimensions.DoubledUpTo(words.Dimensions), "NearestCentroid", "1-NN");

        Example[] Part(string name) =>
            [.. json.RootElement.GetProperty(name).EnumerateArray().Select(row => new Example { Vector = words.Embed(row[0].GetString()!), Label = row[1].GetString()! })];
    }
}

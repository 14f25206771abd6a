namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Questions to a bank and what they are about (Casanueva et al. 2020), as mean word vectors.</summary>
internal static class Banking77
{
    public static LabelledTask Load(string folder)
    {
        GloveVectors words = GloveVectors.Of(folder);
        Example[] train = Part("train.csv"), test = Part("test.csv");
        return new LabelledTask("banking77", "questions by intent", train, test, MatryoshkaDimensions.DoubledUpTo(words.Dimensions), "NearestCentroid", "1-NN");

        Example[] Part(string name) =>
            [.. CsvFile.Read(Path.Combine(folder, "banking77", name)).Skip(1).Select(row => new Example { Vector = words.Embed(row[0]), Label = row[1] })];
    }
}

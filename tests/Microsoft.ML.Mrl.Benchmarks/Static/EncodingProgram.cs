using System.Globalization;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>
/// How many sentences a second does a static encoder take, against the plainest loop over the same tokens? <c>dotnet run -c Release --
/// encode FOLDER</c>. The variants take turns; the medians of their rounds are reported.
/// </summary>
internal static class EncodingProgram
{
    private const int Rounds = 9;

    public static int Run(string[] args)
    {
        if (args.Length == 0 || !Directory.Exists(args[0]))
        {
            Console.Error.WriteLine("Name the folder of the data sets.");
            return 2;
        }
        TextTask task = TextTask.Load("stsb", args[0]);
        string[] texts = [.. task.Texts];
        foreach (int width in new[] { 100, 256, 512 })
        {
            StaticTextEncoder encoder = width == 100 ? StartingEncoders.Glove(args[0]) : StartingEncoders.FromNothing(task, width, 1);
            Dictionary<string, float[]> plain = encoder.Tokenizer.Vocabulary.ToDictionary(
                t => t.Key, t => encoder.Content.Table[(t.Value * width)..((t.Value + 1) * width)]);
            var embeddings = new float[texts.Length * width];
            var view = new MLContext(1).Data.LoadFromEnumerable(texts.Select(t => new TextExample { Text = t }));
            IDataView encoded = new MLContext(1).Transforms.EncodeText("A", nameof(TextExample.Text), encoder).Fit(view).Transform(view);
            (string Name, Action Run)[] variants =
            [
                ("plain loop (lower case, Split, dictionary, double sums)", () => PlainLoop(texts, plain, width, embeddings)),
                ("tokenizer alone", () => Tokenize(texts, encoder)),
                ("Encode, one thread", () => encoder.Encode(texts, embeddings)),
                ("EncodeText in a view", () => Turns.Pull<float>(encoded, "A")),
            ];
            (double Seconds, double Ratio)[] measured = Turns.Measure(variants, Rounds);
            for (int v = 0; v < variants.Length; v++)
            {
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"D = {width}, {variants[v].Name}: {texts.Length / measured[v].Seconds:N0} sentences a second, {measured[v].Ratio:F2} times the plain loop"));
            }
        }
        return 0;
    }

    private static void PlainLoop(string[] texts, Dictionary<string, float[]> words, int width, float[] embeddings)
    {
        char[] marks = [' ', '.', ',', '!', '?', ';', ':', '"', '\'', '(', ')', '-'];
        for (int t = 0; t < texts.Length; t++)
        {
            var sum = new double[width];
            int count = 0;
            foreach (string word in texts[t].ToLowerInvariant().Split(marks, StringSplitOptions.RemoveEmptyEntries))
            {
                if (words.TryGetValue(word, out float[]? vector))
                {
                    count++;
                    for (int i = 0; i < width; i++)
                    {
                        sum[i] += vector[i];
                    }
                }
            }
            for (int i = 0; i < width; i++)
            {
                embeddings[t * width + i] = count == 0 ? 0 : (float)(sum[i] / count);
            }
        }
    }

    private static void Tokenize(string[] texts, StaticTextEncoder encoder)
    {
        var bag = new TokenBag();
        foreach (string text in texts)
        {
            encoder.Tokenize(text, bag);
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>
/// How many sentences a second does a static encoder take, against the plainest loop over the same tokens? <c>dotnet run -c Release -- encode FOLDER</c>.
/// The variants take turns; the medians of their rounds are reported.
/// </summary>
internal static class EncodingProgram
{
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
            Dictionary<string, float[]> plain = encoder.Tokenizer.Vocabulary.ToDictionary(t => t.Key, t => encoder.Content.Table[(t.Value * width)..((t.Value + 1) * width)]);
            var embeddings = new float[texts.Length * width];
            var view = new MLContext(1).Data.LoadFromEnumerable(texts.Select(t => new TextExample { Text = t }));
            IDataView encoded = new MLContext(1).Transforms.EncodeText("A", nameof(TextExample.Text), encoder).Fit(view).Transform(view);
            (string Name, Action Run)[] variants =
            [
                ("plain loop (lower case, Split, dictionary, double sums)", () => PlainLoop(texts, plain, width, embeddings)),
                ("tokenizer alone", () => Tokenize(texts, encoder)),
                ("Encode, one thread", () => encoder.Encode(texts, embeddings)),
                ("EncodeText in a view", () => Pull(encoded)),
            ];
            double[][] seconds = [.. variants.Select(_ => new double[9])];
            for (int round = -1; round < 9; round++)
            {
                for (int v = 0; v < variants.Length; v++)
                {
                    var clock = Stopwatch.StartNew();
                    variants[v].Run();
                    if (round >= 0)
                    {
                        seconds[v][round] = clock.Elapsed.TotalSeconds;
                    }
                }
            }
            for (int v = 0; v < variants.Length; v++)
            {
                double median = seconds[v].Order().ElementAt(4);
                double ratio = seconds[0].Zip(seconds[v], (a, b) => a / b).Order().ElementAt(4);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"D = {width}, {variants[v].Name}: {texts.Length / median:N0} sentences a second, {ratio:F2} times the plain loop"));
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

    private static void Pull(IDataView view)
    {
        DataViewSchema.Column column = view.Schema["A"];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<Microsoft.ML.Data.VBuffer<float>> read = cursor.GetGetter<Microsoft.ML.Data.VBuffer<float>>(column);
        Microsoft.ML.Data.VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            read(ref row);
        }
    }
}

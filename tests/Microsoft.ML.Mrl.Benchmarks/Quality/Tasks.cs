using System.Globalization;
using System.Text.Json;
using Microsoft.VisualBasic.FileIO;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Reads the data sets, with the splits they come with.</summary>
internal static class Tasks
{
    public static (Example[] Train, Example[] Test) Banking77(string folder)
    {
        var (train, test) = (Rows(Path.Combine(folder, "banking77/train.csv"), true), Rows(Path.Combine(folder, "banking77/test.csv"), true));
        return Texts(folder, train.Select(r => (r[0], r[1])), test.Select(r => (r[0], r[1])));
    }

    public static (Example[] Train, Example[] Test) Clinc150(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "clinc150/data_full.json")));
        return Texts(folder, Part("train"), Part("test"));

        List<(string, string)> Part(string name) => [.. json.RootElement.GetProperty(name).EnumerateArray().Select(e => (e[0].GetString()!, e[1].GetString()!))];
    }

    public static (Example[] Train, Example[] Test) Stsb(string folder)
    {
        var train = Rows(Path.Combine(folder, "stsb/stsb-en-train.csv"), false);
        var test = Rows(Path.Combine(folder, "stsb/stsb-en-test.csv"), false);
        GloveVectors words = Words(folder);
        return (Pairs(train), Pairs(test));

        Example[] Pairs(List<string[]> rows) =>
            [.. rows.Select(r => new Example { Vector = words.Embed(r[0]), Other = words.Embed(r[1]), Score = float.Parse(r[2], CultureInfo.InvariantCulture) })];
    }

    public static (Example[] Train, Example[] Test) Optdigits(string folder)
    {
        return (Part("optdigits.tra"), Part("optdigits.tes"));

        Example[] Part(string name) => [.. Rows(Path.Combine(folder, "optdigits", name), true)
            .Select(r => new Example { Vector = [.. r[..64].Select(v => float.Parse(v, CultureInfo.InvariantCulture))], Label = r[64] })];
    }

    /// <summary>The utterances that the command line ships, every fifth row of an intent held for testing, as ML.NET's text features.</summary>
    public static (Example[] Train, Example[] Test) Support(string file)
    {
        Example[] rows = [.. File.ReadLines(file).Skip(1).Select(l => l.Split('\t')).Select(r => new Example { Text = r[0], Label = r[1] })];
        return ([.. rows.Where((_, i) => i % 5 != 0)], [.. rows.Where((_, i) => i % 5 == 0)]);
    }

    private static (Example[] Train, Example[] Test) Texts(string folder, IEnumerable<(string Text, string Label)> train, IEnumerable<(string Text, string Label)> test)
    {
        GloveVectors words = Words(folder);
        return (Embed(train), Embed(test));

        Example[] Embed(IEnumerable<(string Text, string Label)> rows) => [.. rows.Select(r => new Example { Text = r.Text, Vector = words.Embed(r.Text), Label = r.Label })];
    }

    private static GloveVectors Words(string folder) => GloveVectors.Load(Path.Combine(folder, "words/glove6b-100d-10k.bin"));

    private static List<string[]> Rows(string path, bool header)
    {
        using var parser = new TextFieldParser(path) { Delimiters = [","], HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        var rows = new List<string[]>();
        while (!parser.EndOfData)
        {
            rows.Add(parser.ReadFields()!);
        }
        return header ? rows[1..] : rows;
    }
}

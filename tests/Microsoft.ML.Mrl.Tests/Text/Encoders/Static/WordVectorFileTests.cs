using System.Text;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

public sealed class WordVectorFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrl-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("cat 1 0.5\ndog -2 3e-1\n")]
    [InlineData("2 2\ncat 1 0.5\ndog -2 3e-1\n")]
    [InlineData("cat 1 0.5 \r\ndog -2 3e-1 \r\n\r\n")]
    [InlineData("cat\t1\t0.5\ndog\t-2\t3e-1")]
    [InlineData("cat 1 0.5\ncat 7 7\ndog -2 3e-1\n")]
    public void LoadWordVectors_Text_ReadsEveryWord(string text)
    {
        StaticTextEncoder encoder = StaticTextEncoder.LoadWordVectors(Write("vectors.txt", text));

        Assert.Equal(2, encoder.Dimensions);
        Assert.Equal([1, 0.5f], encoder.Encode("Cat"));
        Assert.Equal([-0.5f, 0.4f], encoder.Encode("cat dog"));
        Assert.Equal([0, 0], encoder.Encode("horse"));
        Assert.Equal([1, 0.5f], encoder.Encode("cat horse"));
    }

    [Fact]
    public void LoadWordVectors_WordsWithBlanks_TakeTheValuesFromTheEnd()
    {
        StaticTextEncoder encoder = StaticTextEncoder.LoadWordVectors(Write("v.txt", "cat 1 2\nat name 3 4\n. . . 5 6\n"));

        Assert.Equal(4, encoder.VocabularySize);
        Assert.Equal(
            ["[UNK]", "cat", "at name", ". . ."],
            encoder.Tokenizer.Vocabulary.OrderBy(t => t.Value).Select(t => t.Key.TrimStart('\u2581')));
    }

    [Fact]
    public void LoadWordVectors_MixedCase_KeepsCaseUnlessTold()
    {
        string path = Write("v.txt", "Paris 1 2\nparis 3 4\n");

        Assert.Equal([1, 2], StaticTextEncoder.LoadWordVectors(path).Encode("Paris"));
        Assert.Equal([3, 4], StaticTextEncoder.LoadWordVectors(path, lowerCase: true).Encode("Paris"));
    }

    [Fact]
    public void LoadWordVectors_MaximumWords_ReadsTheFirst() =>
        Assert.Equal([0, 0], StaticTextEncoder.LoadWordVectors(Write("v.txt", "cat 1 2\ndog 3 4\n"), maxWords: 1).Encode("dog"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LoadWordVectors_Binary_ReadsEveryWord(bool hasLineEnds)
    {
        string path = Path.Combine(_folder, "v.bin");
        using (var writer = new BinaryWriter(File.Create(path)))
        {
            writer.Write(Encoding.ASCII.GetBytes("2 3\n"));
            foreach ((string word, float[] values) in new[] { ("käse", new[] { 1f, 2, 3 }), ("dog", [4, 5, 6]) })
            {
                writer.Write(Encoding.UTF8.GetBytes(word + " "));
                foreach (float value in values)
                {
                    writer.Write(value);
                }
                if (hasLineEnds)
                {
                    writer.Write((byte)'\n');
                }
            }
        }

        StaticTextEncoder encoder = StaticTextEncoder.LoadWordVectors(path);

        Assert.Equal([1, 2, 3], encoder.Encode("Käse"));
        Assert.Equal([4, 5, 6], encoder.Encode("dog"));
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length - 1; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => StaticTextEncoder.LoadWordVectors(path));
        }
    }

    [Theory]
    [InlineData("vectors")]
    [InlineData("vectors.txt")]
    [InlineData("vectors.bin")]
    public void LoadWordVectors_AnyName_GoesByTheContent(string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, [.. "1 2\ncat "u8, .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(-2f)]);
        Assert.Equal([1, -2], StaticTextEncoder.LoadWordVectors(path).Encode("cat"));

        File.WriteAllText(path, "1 2\ncat 3 4\n");
        Assert.Equal([3, 4], StaticTextEncoder.LoadWordVectors(path).Encode("cat"));
    }

    [Fact]
    public void LoadWordVectors_FewerWordsThanTheHeaderSays_AreFineIfAskedFor() =>
        Assert.Equal([1, 2], StaticTextEncoder.LoadWordVectors(Write("v.txt", "5 2\ncat 1 2\ndog 3 4\n"), maxWords: 2).Encode("cat"));

    [Fact]
    public void LoadWordVectors_FrequencyWeighting_WeighsByRank()
    {
        StaticTextEncoder encoder = StaticTextEncoder.LoadWordVectors(Write("v.txt", "the 1 0\ncat 0 1\n"), frequencyWeighting: 0.1);

        double sum = 1 / 2.7 + 1 / 3.7;
        Assert.Equal(0.1 / (0.1 + 1 / 2.7 / sum), encoder.Encode("the")[0], 1e-6);
        Assert.Equal(0.1 / (0.1 + 1 / 3.7 / sum), encoder.Encode("cat")[1], 1e-6);
    }

    [Theory]
    [InlineData("", "no word vectors")]
    [InlineData("2 2\n", "no word vectors")]
    [InlineData("cat\n", "line 1")]
    [InlineData("cat 1 2\ndog 3\n", "line 2")]
    [InlineData("cat 1 2\ndog x y\n", "line 2")]
    [InlineData("cat 1 NaN\n", "NaN")]
    [InlineData("cat 1 1e99\n", "∞")]
    [InlineData("5 2\ncat 1 2\ndog 3 4\n", "5 words, but it has 2")]
    [InlineData("1 2\ncat 1 2\ndog 3 4\n", "1 words, but it has 2")]
    [InlineData("2 3\ncat 1 2\ndog 3 4\n", "3 values, but line 2 has 2")]
    public void LoadWordVectors_DamagedText_SaysWhere(string text, string where)
    {
        var e = Assert.Throws<InvalidDataException>(() => StaticTextEncoder.LoadWordVectors(Write("v.txt", text)));

        Assert.Contains(where == "∞" ? float.PositiveInfinity.ToString() : where, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWordVectors_LineThatDoesNotEnd_SaysWhichLine()
    {
        string path = Write("v.txt", "cat 1 2\n" + new string('x', (1 << 24) + 5));

        Assert.Contains(
            "line 2 has more than 16777216 characters",
            Assert.Throws<InvalidDataException>(() => StaticTextEncoder.LoadWordVectors(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWordVectors_ArgumentsThatMakeNoSense_Throw()
    {
        var words = Assert.Throws<ArgumentOutOfRangeException>("maxWords", () => StaticTextEncoder.LoadWordVectors("v.txt", 0));
        Assert.Contains("Cannot read 0 words. Choose 1 or more.", words.Message, StringComparison.Ordinal);
        var weighting = Assert.Throws<ArgumentOutOfRangeException>(
            "frequencyWeighting", () => StaticTextEncoder.LoadWordVectors("v.txt", frequencyWeighting: double.NaN));
        Assert.Contains("The frequency weighting is NaN. Choose a number above 0.", weighting.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => StaticTextEncoder.LoadWordVectors(Path.Combine(_folder, "missing.txt")));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}

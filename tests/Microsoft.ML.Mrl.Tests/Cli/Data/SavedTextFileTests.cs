using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class SavedTextFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_DenseAndSparseRows_GiveTheSavedValues()
    {
        var mlContext = new MLContext();
        Row[] rows =
        [
            new() { Text = "hello, \"world\"", Vector = [1, 0, 0.5f, 2], Number = -3.5f, Flag = true },
            new() { Text = "bye", Vector = [0, 3, 0, 0], Number = 0, Flag = false },
        ];
        using (FileStream stream = File.Create(_folder["saved.tsv"]))
        {
            mlContext.Data.SaveAsText(mlContext.Data.LoadFromEnumerable(rows), stream);
        }

        using RowReader file = RowReader.OpenFile(_folder["saved.tsv"]);

        Assert.IsType<SavedTextFile>(file);
        Assert.Equal(["Text", "Vector", "Number", "Flag"], file.Columns);
        Assert.Equal([false, true, false, false], file.Columns.Select((_, i) => file.IsVector(i)));
        foreach (Row row in rows)
        {
            Assert.True(file.Read());
            Assert.Equal(row.Text, file.Text(0));
            Assert.Equal(row.Vector, file.Vector(1));
            Assert.Equal(row.Number, float.Parse(file.Text(2), System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(row.Flag ? "true" : "false", file.Text(3));
        }
        Assert.False(file.Read());
    }

    [Theory]
    [InlineData("#@ TextLoader{\n#@   col=V:R4:0-999999999\n#@ }\n1\t2\n", "999999999 values|1000000000 values")]
    [InlineData("#@ TextLoader{ +a line of 70,000 characters", "more than 65536 characters")]
    public void Open_SchemaBeyondWhatCanBeMeant_IsRefused(string text, string what)
    {
        File.WriteAllText(_folder["saved.tsv"], text.Contains("70,000", StringComparison.Ordinal) ? text.PadRight(70_000, 'x') : text);

        string message = Assert.Throws<CommandException>(() => RowReader.OpenFile(_folder["saved.tsv"]).Dispose()).Message;

        Assert.Contains(what.Split('|'), part => message.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_AsMLNetWroteIt_ByHand_IsRead()
    {
        string path = _folder.Write(
            "saved.tsv", "#@ TextLoader{", "#@   header+", "#@   sep=tab", "#@   col=Text:TX:0", "#@   col=V:R4:1-4", "#@ }",
                "Text\t4\t0:\"\"", "hello\t1\t0\t0.5\t2", "bye\t4\t1:3");

        using RowReader file = RowReader.OpenFile(path);

        Assert.Equal(["Text", "V"], file.Columns);
        Assert.True(file.Read());
        Assert.Equal([1f, 0, 0.5f, 2], file.Vector(1));
        Assert.True(file.Read());
        Assert.Equal([0f, 3, 0, 0], file.Vector(1));
        Assert.False(file.Read());
    }

    [Fact]
    public void Read_LineThatNeverEnds_IsRefusedByName()
    {
        string path = _folder["saved.tsv"];
        using (var writer = new StreamWriter(path))
        {
            writer.Write("#@ TextLoader{\n#@   sep=tab\n#@   col=Text:TX:0\n#@ }\nhello\n");
            string block = new('x', 1 << 20);
            for (int i = 0; i <= 256; i++)
            {
                writer.Write(block);
            }
        }
        using RowReader file = RowReader.OpenFile(path);

        string message = Assert.Throws<CommandException>(() =>
        {
            while (file.Read())
            {
            }
        }).Message;

        Assert.Contains("saved.tsv", message, StringComparison.Ordinal);
        Assert.Contains("more than 268435456 characters", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SchemaThatIsBroken_SaysHowToSaveIt()
    {
        string path = _folder.Write("saved.tsv", "#@ TextLoader{", "#@   col=Text:NoSuchKind:0", "#@ }", "hello");

        string message = Assert.Throws<CommandException>(() => RowReader.OpenFile(path)).Message;

        Assert.Contains("saved.tsv", message, StringComparison.Ordinal);
        Assert.Contains("schema: false", message, StringComparison.Ordinal);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(4)]
        public float[] Vector { get; set; } = [];

        public float Number { get; set; }

        public bool Flag { get; set; }
    }
}

using System.Text;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class TabularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_Csv_ReadsQuotedFieldsWithSeparatorsQuotesAndLineBreaks()
    {
        string path = _folder.Write("a.csv", "text,label", "\"one, two\",x", "\"say \"\"hi\"\"\",y", "\"two", "lines\",z");

        Assert.Equal([["one, two", "x"], ["say \"hi\"", "y"], ["two\nlines", "z"]], ReadAll(path));
    }

    [Fact]
    public void Open_Tsv_ReadsTabsAndLeavesCommas()
    {
        string path = _folder.Write("a.tsv", "text\tlabel", "one, two, three\tx");

        Assert.Equal([["one, two, three", "x"]], ReadAll(path));
    }

    [Theory]
    [InlineData("a.txt", "text\tlabel", "one, two\tx")]
    [InlineData("a.csv", "text;label", "one, two;x")]
    [InlineData("a.data", "text|label", "one, two|x")]
    public void Open_OtherSeparator_IsFound(string name, params string[] lines)
    {
        string path = _folder.Write(name, lines);

        Assert.Equal([["one, two", "x"]], ReadAll(path));
    }

    [Fact]
    public void Open_ByteOrderMark_IsNotPartOfTheFirstName()
    {
        File.WriteAllText(_folder["a.csv"], "text,label\né,x\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        using TabularFile file = TabularFile.Open(_folder["a.csv"]);

        Assert.Equal(["text", "label"], file.Columns);
        Assert.True(file.Read());
        Assert.Equal("é", file[0]);
    }

    [Fact]
    public void Open_WindowsLineEndsAndNoLastLineEnd_ReadsAllRows()
    {
        File.WriteAllText(_folder["a.csv"], "text,label\r\none,x\r\n\r\ntwo,y");

        Assert.Equal([["one", "x"], ["two", "y"]], ReadAll(_folder["a.csv"]));
    }

    [Fact]
    public void Read_QuoteWithinAnUnquotedField_IsText()
    {
        string path = _folder.Write("a.csv", "text,label", "a 5\" pipe,x");

        Assert.Equal([["a 5\" pipe", "x"]], ReadAll(path));
    }

    [Theory]
    [InlineData("text,label\n\"never closed,x\n", "after line 1")]
    [InlineData("\"text,label\n", "after line 0")]
    public void Read_QuoteThatIsNeverClosedInALargeFile_EndsBeforeTheMemoryDoes(string start, string place)
    {
        using var stream = new EndlessLines(start);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Assert.Throws<CommandException>(() =>
        {
            using TabularFile file = TabularFile.Open(stream, "endless.csv", new TextFormat());
            while (file.Read())
            {
            }
        }).Message;

        Assert.Contains($"'endless.csv', {place}: a record has more than 16777216 characters", message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1L << 28);
    }

    [Fact]
    public void Read_MoreCharactersInAllThanARecordMayHave_IsRead()
    {
        using var stream = new EndlessLines("text,label\n", 1 << 25);
        using TabularFile file = TabularFile.Open(stream, "long.csv", new TextFormat());
        int rows = 0;
        while (file.Read())
        {
            rows++;
        }

        Assert.InRange(rows, (1 << 25) / 8, 1 << 25);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(';')]
    public void Open_DecimalCommas_AnotherSeparatorIsFound(char? separator)
    {
        string path = _folder.Write("a.csv", "x0;x1;kind", "2,622;0,516;a");

        using TabularFile file = TabularFile.Open(path, new TextFormat { DecimalMarker = ',', Separator = separator });

        Assert.Equal(["x0", "x1", "kind"], file.Columns);
        Assert.True(file.Read());
        Assert.Equal([2.622f, 0.516f], new Field(FieldKind.Numbers, [0, 1], ["x0", "x1"]).ReadVector(file, 0));
    }

    [Fact]
    public void Read_PointsWhereCommasAreSaid_AreRefusedAndTold()
    {
        string path = _folder.Write("a.csv", "x0;kind", "2.622;a");
        using TabularFile file = TabularFile.Open(path, new TextFormat { DecimalMarker = ',' });
        file.Read();

        string message = Assert.Throws<CommandException>(() => new Field(FieldKind.Numbers, [0], ["x0"]).ReadVector(file, 0)).Message;

        Assert.Contains(
            "line 2, column 'x0': '2.622' is not a finite number, unless its decimal marker is '.'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SeparatorThatTheLineDoesNotHave_SaysSo()
    {
        string path = _folder.Write("a.csv", "x0,x1,kind", "1,2,a");

        string message = Assert.Throws<CommandException>(() => TabularFile.Open(path, new TextFormat { Separator = ';' })).Message;

        Assert.Contains("separated by ';'", message, StringComparison.Ordinal);
        Assert.Contains("--separator", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NotUtf8_SaysSo()
    {
        File.WriteAllBytes(_folder["a.csv"], [.. "text,label\none,x\ncaf"u8, 0xE9, .. ",y\n"u8]);

        Assert.Contains("not UTF-8", Assert.Throws<CommandException>(() => ReadAll(_folder["a.csv"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "3 fields", "text,label", "one,x", "two,y", "three,z,more")]
    [InlineData(3, "1 field", "text,label", "one,x", "two", "three,z")]
    [InlineData(5, "never closed", "text,label", "\"one", "and a half\",x", "", "\"two,y", "three,z")]
    [InlineData(2, "followed by more text", "text,label", "\"one\" and a half,x", "two,y")]
    public void Read_BrokenLine_NamesTheLineWhereTheRowBegins(int line, string what, params string[] lines)
    {
        string path = _folder.Write("a.csv", lines);

        string message = Assert.Throws<CommandException>(() => ReadAll(path)).Message;

        Assert.Contains($"line {line}:", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    private static string[][] ReadAll(string path)
    {
        using TabularFile file = TabularFile.Open(path);
        var rows = new List<string[]>();
        while (file.Read())
        {
            rows.Add([.. file.Columns.Select((_, i) => file[i])]);
        }
        return [.. rows];
    }

    /// <summary>A text, and lines behind it without an end, or to a length.</summary>
    private sealed class EndlessLines(string start, long length = long.MaxValue) : Stream
    {
        private readonly byte[] _start = Encoding.UTF8.GetBytes(start);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = 0;
            for (; read < count && Position < length; read++, Position++)
            {
                buffer[offset + read] = Position < _start.Length ? _start[Position]
                    : (byte)"word,x\n"[(int)((Position - _start.Length) % 7)];
            }
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Parquet;
using Parquet.Schema;
using Field = Microsoft.ML.Mrl.Cli.Data.Field;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class ParquetFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_ListsAreVectorsAndTheRestIsText()
    {
        var floats = new DataField("element", typeof(float), isNullable: false);
        var doubles = new DataField("element", typeof(double), isNullable: true);
        var text = new DataField("text", typeof(string));
        var whole = new DataField("whole", typeof(int), isNullable: true);
        var real = new DataField("real", typeof(double), isNullable: false);
        var flag = new DataField("flag", typeof(bool), isNullable: false);
        string path = await WriteAsync(
            new ParquetSchema(new ListField("a", floats), text, whole, real, flag, new ListField("b", doubles)),
            async group =>
            {
                await group.WriteAllPartsAsync<float>(
                    floats, new float[] { 1, 2, 3, 4 }, Filled(4, floats.MaxDefinitionLevel), new[] { 0, 1, 0, 1 }, default);
                await group.WriteAsync(text, new[] { " one ", null! });
                await group.WriteAsync<int>(whole, new int?[] { null, -7 });
                await group.WriteAsync<double>(real, new[] { 0.1, 1e300 });
                await group.WriteAsync<bool>(flag, new[] { true, false });
                await group.WriteAllPartsAsync<double>(
                    doubles, new double[] { 5, 6, 7 }, Filled(3, doubles.MaxDefinitionLevel), new[] { 0, 0, 1 }, default);
            });

        using ParquetFile file = ParquetFile.Open(path);

        Assert.Equal(["a", "text", "whole", "real", "flag", "b"], file.Columns);
        Assert.Equal([true, false, false, false, false, true], file.Columns.Select((_, i) => file.IsVector(i)));
        Assert.True(file.Read());
        Assert.Equal("row 1", file.Place);
        Assert.Equal([1f, 2f], file.Vector(0));
        Assert.Equal(["one", "", "0.1", "true"], Enumerable.Range(1, 4).Select(file.Text));
        Assert.Equal([5f], file.Vector(5));
        Assert.True(file.Read());
        Assert.Equal([3f, 4f], file.Vector(0));
        Assert.Equal(["", "-7", "1E+300", "false"], Enumerable.Range(1, 4).Select(file.Text));
        Assert.Equal([6f, 7f], file.Vector(5));
        Assert.False(file.Read());
    }

    [Fact]
    public async Task Vector_WithAMissingValue_NamesRowAndColumn()
    {
        var field = new DataField("element", typeof(float), isNullable: true);
        int full = 0;
        string path = await WriteAsync(new ParquetSchema(new ListField("a", field)), async group =>
        {
            full = field.MaxDefinitionLevel;
            await group.WriteAllPartsAsync<float>(
                field, new float[] { 1, 2, 3 }, new[] { full, full, full, full - 1 }, new[] { 0, 1, 0, 1 }, default);
        });

        using ParquetFile file = ParquetFile.Open(path);
        file.Read();
        Assert.Equal([1f, 2f], file.Vector(0));
        file.Read();

        string message = Assert.Throws<CommandException>(() => file.Vector(0)).Message;
        Assert.Contains("row 2, column 'a'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vector_EmptyOrMissingList_IsEmptyAndRefusedByTheField()
    {
        var field = new DataField("element", typeof(float), isNullable: false);
        string path = await WriteAsync(new ParquetSchema(new ListField("a", field)), group =>
            group.WriteAllPartsAsync<float>(
                field, new float[] { 1 }, new[] { field.MaxDefinitionLevel, 1, 0 }, new[] { 0, 0, 0 }, default));

        using ParquetFile file = ParquetFile.Open(path);
        var column = new Field(FieldKind.Vector, [0], ["a"]);
        file.Read();
        Assert.Equal([1f], column.ReadVector(file, 0));
        for (int row = 2; row <= 3; row++)
        {
            file.Read();
            Assert.Contains($"row {row}, column 'a': the vector is empty", Assert.Throws<CommandException>(
                () => column.ReadVector(file, 1)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Read_SeveralRowGroups_GivesAllRowsInOrder()
    {
        var field = new DataField("text", typeof(string));
        await using (FileStream stream = File.Create(_folder["a.parquet"]))
        {
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), stream);
            foreach (string[] rows in new[] { new[] { "one", "two" }, ["three"] })
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                await group.WriteAsync(field, rows);
            }
        }

        using ParquetFile file = ParquetFile.Open(_folder["a.parquet"]);
        var found = new List<string>();
        while (file.Read())
        {
            found.Add($"{file.Place} {file.Text(0)}");
        }

        Assert.Equal(["row 1 one", "row 2 two", "row 3 three"], found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text,label\n")]
    [InlineData("PAR1 and then PAR1")]
    public void Open_NoParquet_SaysSo(string content)
    {
        File.WriteAllText(_folder["a.parquet"], content);

        Assert.Contains("as a Parquet file", Assert.Throws<CommandException>(() => ParquetFile.Open(_folder["a.parquet"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HalfPrecision_IsReadAsNumbers()
    {
        File.WriteAllBytes(_folder["a.parquet"], HalfFile([(Half)1.5, (Half)(-2), Half.NaN, (Half)0.1]));

        using ParquetFile file = ParquetFile.Open(_folder["a.parquet"]);

        Assert.Equal(["x"], file.Columns);
        var found = new List<string>();
        while (file.Read())
        {
            found.Add(file.Text(0));
        }
        Assert.Equal(["1.5", "-2", "NaN", "0.1"], found);
    }

    [Fact]
    public void Open_SchemaThatTheLibraryRefuses_NamesTheFile()
    {
        File.WriteAllBytes(_folder["a.parquet"], HalfFile([(Half)1], children: 5));

        string message = Assert.Throws<CommandException>(() => ParquetFile.Open(_folder["a.parquet"])).Message;

        Assert.Contains("a.parquet' as a Parquet file", message, StringComparison.Ordinal);
        Assert.Contains("Write it again, or as .csv.", message, StringComparison.Ordinal);
    }

    // Without the check of the footer, the library reads without end.
    [Theory]
    [InlineData(0x15)]
    [InlineData(0x18)]
    [InlineData(0x1C)]
    public void Open_FooterThatDoesNotEnd_SaysSoAtOnce(byte last)
    {
        byte[] bytes = HalfFile([(Half)1]);
        bytes[^9] = last;
        File.WriteAllBytes(_folder["a.parquet"], bytes);
        var clock = System.Diagnostics.Stopwatch.StartNew();

        string message = Assert.Throws<CommandException>(() => ParquetFile.Open(_folder["a.parquet"])).Message;

        Assert.Contains("its footer is damaged at byte", message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Fact]
    public void Open_FooterLongerThanTheFile_SaysSo()
    {
        byte[] bytes = HalfFile([(Half)1]);
        BitConverter.GetBytes(int.MaxValue).CopyTo(bytes, bytes.Length - 8);
        File.WriteAllBytes(_folder["a.parquet"], bytes);

        Assert.Contains("its footer claims", Assert.Throws<CommandException>(() => ParquetFile.Open(_folder["a.parquet"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ColumnThatClaimsFarMoreThanItsBytesCanMean_IsRefused()
    {
        const int Rows = 12_345;
        var field = new DataField("x", typeof(int), isNullable: false);
        string path = await WriteAsync(new ParquetSchema(field), group => group.WriteAsync<int>(field, new int[Rows]));
        byte[] bytes = File.ReadAllBytes(path);
        int length = BitConverter.ToInt32(bytes, bytes.Length - 8);
        byte[] footer = Replaced(bytes[^(8 + length)..^8], VarInt(2L * Rows), VarInt(2L * 2_000_000_000));
        File.WriteAllBytes(path, [.. bytes[..^(8 + length)], .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
        using ParquetFile file = ParquetFile.Open(path);

        string message = Assert.Throws<CommandException>(() => file.Read()).Message;

        Assert.Contains("column 'x' claims 2000000000 values", message, StringComparison.Ordinal);

        static byte[] VarInt(long value)
        {
            var bytes = new List<byte>();
            for (; value > 127; value >>= 7)
            {
                bytes.Add((byte)(value | 128));
            }
            return [.. bytes, (byte)value];
        }

        static byte[] Replaced(byte[] bytes, byte[] old, byte[] now)
        {
            var result = new List<byte>();
            for (int i = 0; i < bytes.Length;)
            {
                bool found = bytes.AsSpan(i).StartsWith(old);
                result.AddRange(found ? now : [bytes[i]]);
                i += found ? old.Length : 1;
            }
            return [.. result];
        }
    }

    /// <summary>A file of one required column x of half precision, written by hand: the library does not write such columns.</summary>
    private static byte[] HalfFile(Half[] values, byte children = 1)
    {
        byte[] data = [.. values.SelectMany(value => BitConverter.GetBytes(value))];
        byte size = ZigZag(data.Length), count = ZigZag(values.Length);
        // A field is a byte of the difference of its number and its type (5 and 6 whole numbers, 8 text, 9 list, 12 structure), and its
        // value.
        byte[] page = [0x15, 0, 0x15, size, 0x15, size, 0x2C, 0x15, count, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0];
        byte total = ZigZag(page.Length + data.Length);
        byte[] footer =
        [
            0x15, 2,
            0x19, 0x2C, 0x48, 4, .. "root"u8, 0x15, ZigZag(children), 0, 0x15, 14, 0x15, 4, 0x15, 0, 0x18, 1, .. "x"u8, 0x6C, 0xFC, 0, 0, 0,
            0x16, count,
            0x19, 0x1C, 0x19, 0x1C, 0x26, 8, 0x1C, 0x15, 14, 0x19, 0x15, 0, 0x19, 0x18, 1, .. "x"u8, 0x15, 0, 0x16, count, 0x16, total,
                0x16, total,
            0x26, 8, 0, 0, 0x16, total, 0x16, count, 0,
            0,
        ];
        return [.. "PAR1"u8, .. page, .. data, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];

        static byte ZigZag(int value) => checked((byte)(2 * value));
    }

    private static int[] Filled(int count, int value) => [.. Enumerable.Repeat(value, count)];

    private async Task<string> WriteAsync(ParquetSchema schema, Func<ParquetRowGroupWriter, Task> write)
    {
        await using FileStream stream = File.Create(_folder["a.parquet"]);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await write(group);
        return _folder["a.parquet"];
    }
}

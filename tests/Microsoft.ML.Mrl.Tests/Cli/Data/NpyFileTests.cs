using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class NpyFileTests : IDisposable
{
    private static readonly double[][] s_rows = [[1, -2, 3], [0, 0.5, 100]];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<f2")]
    [InlineData(">f2")]
    [InlineData("<f4")]
    [InlineData(">f4")]
    [InlineData("<f8")]
    [InlineData(">f8")]
    public void Read_FloatsOfEveryWidth_GivesTheValues(string type)
    {
        Assert.Equal(s_rows.Select(row => row.Select(value => (float)value)), ReadAll(
            Write(Header(type, false, "(2, 3)"), s_rows.SelectMany(row => row), type)));
    }

    [Theory]
    [InlineData("|i1", "1,-2,3,0,127,-128")]
    [InlineData("|u1", "1,2,3,0,127,255")]
    [InlineData("<i2", "1,-2,3,0,32767,-32768")]
    [InlineData(">u2", "1,2,3,0,32767,65535")]
    [InlineData("<i4", "1,-2,3,0,2000000,-16777216")]
    [InlineData(">u4", "1,2,3,0,2000000,16777216")]
    [InlineData("<i8", "1,-2,3,0,2000000,-16777216")]
    [InlineData("<u8", "1,2,3,0,2000000,16777216")]
    [InlineData(">i8", "1,-2,3,0,2000000,-16777216")]
    public void Read_Integers_GivesTheValues(string type, string values)
    {
        double[] all = [.. values.Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];

        Assert.Equal(all.Select(value => (float)value), ReadAll(Write(Header(type, false, "(2, 3)"), all, type)).SelectMany(row => row));
    }

    [Fact]
    public void Read_FortranOrder_GivesRows()
    {
        double[] byColumn = [1, 0, -2, 0.5, 3, 100];

        Assert.Equal(
            s_rows.Select(row => row.Select(value => (float)value)), ReadAll(Write(Header("<f4", true, "(2, 3)"), byColumn, "<f4")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_EveryVersion(int version) =>
        Assert.Equal(2, ReadAll(Write(Header("<f4", false, "(2, 3)", version), s_rows.SelectMany(row => row), "<f4")).Length);

    [Fact]
    public void Read_OneAxis_IsRowsOfOneValue() =>
        Assert.Equal([[1f], [2f], [3f]], ReadAll(Write(Header("<f4", false, "(3,)"), [1, 2, 3], "<f4")));

    [Fact]
    public void Read_KeysInAnotherOrder_AreRead() =>
        Assert.Single(ReadAll(Write(Framed("{'shape': (1, 2), 'descr': '<f4', 'fortran_order': False}", 1), [1, 2], "<f4")));

    [Theory]
    [InlineData("{'shape': (2L, 3L), 'descr': '<f4', 'fortran_order': False}", 1)]
    [InlineData("{'shape': (2L, 3), 'descr': '<f4', 'fortran_order': False, }", 2)]
    [InlineData("{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 3)}", 1)]
    public void Read_HeadersOfPython2AndWithDoubleQuotes_AreRead(string header, int version) =>
        Assert.Equal(
            s_rows.Select(row => row.Select(value => (float)value)),
            ReadAll(Write(Framed(header, version), s_rows.SelectMany(row => row), "<f4")));

    [Fact]
    public void Open_LongsInVersion3_AreRefusedAsNumpyDoes() =>
        AssertFails(Write(Framed("{'shape': (2L, 3L), 'descr': '<f4', 'fortran_order': False}", 3), s_rows.SelectMany(row => row), "<f4"),
            "damaged");

    [Theory]
    [InlineData("<f4", "(0, 268435455)")]
    [InlineData("<f8", "(0, 268435455)")]
    [InlineData("<f8", "(0, 9223372036854775807)")]
    public void Open_WideWithoutRows_HasNoRowsOrSaysTheWidth(string type, string shape)
    {
        string path = Write(Header(type, false, shape), [], type);
        try
        {
            Assert.Empty(ReadAll(path));
        }
        catch (CommandException e)
        {
            Assert.Contains("and a vector has 1..", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<f4", "(2, 4)", "24 bytes follow")]
    [InlineData("<f8", "(2, 3)", "24 bytes follow")]
    [InlineData("<f4", "(2, 3, 1)", "shape is (2, 3, 1)")]
    [InlineData("<f4", "()", "shape is ()")]
    [InlineData("<f4", "(2, 0)", "1..")]
    [InlineData("<f4", "(2, 99999999999999999999)", "damaged")]
    [InlineData("<f4", "(4611686018427387904, 1000)", "")]
    [InlineData("<c8", "(2, 3)", "type '<c8'")]
    [InlineData("|O", "(2, 3)", "type '|O'")]
    [InlineData("<U5", "(2, 3)", "type '<U5'")]
    public void Open_HeaderThatDoesNotFit_SaysWhat(string type, string shape, string what) =>
        AssertFails(Write(Header(type, false, shape), s_rows.SelectMany(row => row), "<f4"), what);

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3)}")]
    [InlineData("")]
    public void Open_HeaderThatIsNoDictionaryOfTheThree_SaysSo(string header) =>
        AssertFails(Write(Framed(header, 1), s_rows.SelectMany(row => row), "<f4"), "header");

    [Fact]
    public void Open_OtherBytes_SaysSo()
    {
        File.WriteAllText(_folder["a.npy"], "text,label\none,x\n");

        AssertFails(_folder["a.npy"], "not a .npy file");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(60)]
    [InlineData(151)]
    public void Open_CutShort_SaysSo(int length)
    {
        string path = Write(Header("<f4", false, "(2, 3)"), s_rows.SelectMany(row => row), "<f4");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);

        AssertFails(path, "");
    }

    [Fact]
    public void Open_UnknownVersion_SaysWhichAreKnown() =>
        AssertFails(Write(Header("<f4", false, "(2, 3)", 4), s_rows.SelectMany(row => row), "<f4"), "4.0");

    [Fact]
    public void NumpySave_HeaderOfItsOwn_IsRead()
    {
        // numpy.save('a.npy', numpy.array([[1.5, 2], [3, 4]], 'f4')), byte for byte: 118 bytes of header.
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".PadRight(117) + "\n";

        Assert.Equal(
            [[1.5f, 2f], [3f, 4f]], ReadAll(
                Write([0x93, .. "NUMPY"u8, 1, 0, 0x76, 0, .. Encoding.ASCII.GetBytes(header)], [1.5, 2, 3, 4], "<f4")));
    }

    private static void AssertFails(string path, string what)
    {
        var e = Assert.Throws<CommandException>(() => ReadAll(path));
        Assert.Contains("a.npy", e.Message, StringComparison.Ordinal);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }

    private static float[][] ReadAll(string path)
    {
        using var file = NpyFile.Open(path);
        Assert.Equal(["Vector"], file.Columns);
        var rows = new List<float[]>();
        while (file.Read())
        {
            rows.Add(file.Vector(0));
        }
        return [.. rows];
    }

    private static byte[] Header(string type, bool fortran, string shape, int version = 1) =>
        Framed($"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", version);

    private static byte[] Framed(string dictionary, int version)
    {
        byte[] text = Encoding.ASCII.GetBytes(dictionary.PadRight(117) + "\n");
        var length = new byte[version == 1 ? 2 : 4];
        BitConverter.GetBytes((uint)text.Length).AsSpan(0, length.Length).CopyTo(length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text];
    }

    private string Write(byte[] header, IEnumerable<double> values, string type)
    {
        File.WriteAllBytes(_folder["a.npy"], [.. header, .. values.SelectMany(value => Bytes(value, type))]);
        return _folder["a.npy"];
    }

    private static byte[] Bytes(double value, string type)
    {
        byte[] bytes = type[1..] switch
        {
            "f2" => BitConverter.GetBytes((Half)value),
            "f4" => BitConverter.GetBytes((float)value),
            "f8" => BitConverter.GetBytes(value),
            "i1" => [(byte)(sbyte)value],
            "u1" => [(byte)value],
            "i2" => BitConverter.GetBytes((short)value),
            "u2" => BitConverter.GetBytes((ushort)value),
            "i4" => BitConverter.GetBytes((int)value),
            "u4" => BitConverter.GetBytes((uint)value),
            "i8" => BitConverter.GetBytes((long)value),
            _ => BitConverter.GetBytes((ulong)value),
        };
        return type[0] == '>' ? [.. bytes.Reverse()] : bytes;
    }
}

using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Tests.Export;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Files.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ListsTensorsAndReadsEach()
    {
        string path = Write(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},"c":{"dtype":"F32","shape":[],"data_offsets":[22,26]}}""",
            [.. Bytes(1f, -2.5f, float.NaN, 3e38f), .. Bytes((Half)0.5, (Half)(-65504), Half.Epsilon), .. Bytes(7f)]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(["a", "b", "c"], file.Tensors.Select(t => t.Name));
        Assert.Equal([new("format", "pt")], file.Metadata);
        Assert.Equal("F32 [2, 2]", file.Find("a").Description);
        Assert.Equal([1f, -2.5f, float.NaN, 3e38f], file.ReadSingles(file.Find("a", 2, 2)));
        Assert.Equal([0.5f, -65504f, (float)Half.Epsilon], file.ReadSingles(file.Find("b", 3)));
        Assert.Equal([7f], file.ReadSingles(file.Find("c")));
    }

    [Fact]
    public void ReadSingles_OfEveryFloatingType_WidensOrRounds()
    {
        byte[] bfloats = [0x80, 0x3F, 0x00, 0xC0, 0x80, 0x7F, 0xC0, 0x7F];
        string path = Write(
            """{"d":{"dtype":"F64","shape":[3],"data_offsets":[0,24]},"h":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}""",
            [.. BitConverter.GetBytes(0.1), .. BitConverter.GetBytes(1e300), .. BitConverter.GetBytes(-2.0), .. bfloats]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal([0.1f, float.PositiveInfinity, -2f], file.ReadSingles(file.Find("d")));
        Assert.Equal([1f, -2f, float.PositiveInfinity, float.NaN], file.ReadSingles(file.Find("h")));
    }

    [Fact]
    public void ReadSingles_OfAPart_ReadsThatPartThroughManyBuffers()
    {
        // More than one buffer of half-precision numbers.
        const int Count = 1_300_000;
        byte[] data = new byte[2 * Count];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(2 * i), (Half)(i % 1000));
        }
        string path = Write($$$"""{"t":{"dtype":"F16","shape":[{{{Count}}}],"data_offsets":[0,{{{2 * Count}}}]}}""", data);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor tensor = file.Find("t");

        float[] all = file.ReadSingles(tensor);
        var part = new float[5];
        file.ReadSingles(tensor, Count - 5, part);

        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)(i % 1000)), all);
        Assert.Equal([995f, 996, 997, 998, 999], part);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => file.ReadSingles(tensor, Count - 4, part));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => file.ReadSingles(tensor, -1, part));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => file.ReadBytes(tensor, 2 * Count, new byte[1]));
    }

    [Fact]
    public void ReadSingles_OfAPartOfAFileBeyondFourGigabytes_ReadsItAndHoldsLittle()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Makes a file with holes, which other systems may fill.");
        }
        const long Rows = 700_000;
        const long Bytes32 = Rows * 1000 * 4;
        const long Bytes16 = Rows * 1000 * 2;
        string path = Write(
            $$$"""{"t":{"dtype":"F32","shape":[{{{Rows}}},1000],"data_offsets":[0,{{{Bytes32}}}]},"h":{"dtype":"F16","shape":[{{{Rows}}},1000],"data_offsets":[{{{Bytes32}}},{{{Bytes32 + Bytes16}}}]}}""", []);
        long header = new FileInfo(path).Length;
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.Position = header + Bytes32 - 4;
            stream.Write([0, 0, 0x80, 0x3F]);
            stream.Position = header + Bytes32 + Bytes16 - 2;
            stream.Write(BitConverter.GetBytes((Half)7));
        }
        long before = GC.GetAllocatedBytesForCurrentThread();

        using SafetensorsFile file = SafetensorsFile.Open(path);
        var row = new float[1000];
        file.ReadSingles(file.Find("t", Rows, 1000), (Rows - 1) * 1000, row);
        float last = row[^1];
        file.ReadSingles(file.Find("h"), (Rows - 1) * 1000, row);

        Assert.Equal((1f, 7f, 0f), (last, row[^1], row[0]));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000);
    }

    [Fact]
    public void ReadIntegers_OfEveryWidth_ReadsThem()
    {
        string path = Write(
            """{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"U32","shape":[1],"data_offsets":[8,12]},"c":{"dtype":"I32","shape":[1],"data_offsets":[12,16]},"d":{"dtype":"I16","shape":[1],"data_offsets":[16,18]},"e":{"dtype":"U16","shape":[1],"data_offsets":[18,20]},"f":{"dtype":"I8","shape":[1],"data_offsets":[20,21]},"g":{"dtype":"U8","shape":[1],"data_offsets":[21,22]},"h":{"dtype":"U64","shape":[2],"data_offsets":[22,38]},"i":{"dtype":"F32","shape":[0,4],"data_offsets":[38,38]}}""",
            [.. Enumerable.Repeat((byte)0xFF, 22), 5, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 8)]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(
            [-1, uint.MaxValue, -1, -1, ushort.MaxValue, -1, byte.MaxValue],
            "abcdefg".Select(c => file.ReadIntegers(file.Find(c.ToString())).Single()));
        Assert.Equal("h", Assert.Throws<SafetensorsException>(() => file.ReadIntegers(file.Find("h"))).TensorName);
        Assert.Equal("F32, F16, BF16 or F64", Assert.Throws<SafetensorsException>(() => file.ReadSingles(file.Find("a"))).Expected);
        Assert.Equal("i", Assert.Throws<SafetensorsException>(() => file.ReadIntegers(file.Find("i"))).TensorName);
        Assert.Empty(file.ReadSingles(file.Find("i", 0, 4)));
    }

    [Fact]
    public void Find_OfAnotherShapeOrName_SaysWhatIsThere()
    {
        string path = Write("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        using SafetensorsFile file = SafetensorsFile.Open(path);

        var shape = Assert.Throws<SafetensorsException>(() => file.Find("a", 1, 2));
        var name = Assert.Throws<SafetensorsException>(() => file.Find("b"));

        Assert.Equal(("a", "the shape [1, 2]", "[2]", path), (shape.TensorName, shape.Expected, shape.Found, shape.FilePath));
        Assert.Equal(("b", "the tensor", "only 'a'"), (name.TensorName, name.Expected, name.Found));
        Assert.Null(file.TryFind("b"));
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "a",
        "it twice")]
    [InlineData("""{"__metadata__":{"k":"1"},"__metadata__":{"k":"2"}}""", 0, "__metadata__", "it twice")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__", "'k' twice")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "__metadata__", "Number")]
    [InlineData("""{"__metadata__":[]}""", 0, "__metadata__", "StartArray")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "a", "dtype twice")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8, "a", "'F31'")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "a", "no dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "a", "no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "a", "no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "a", "-2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "a", "2.0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", 8, "a", "9223372036854775808")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}""", 8, "a", "F32 [9223372036854775807, 2]")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "a", "F32 [4294967296")]
    [InlineData("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", 1, "a", "F4 [3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", 8, "a", "String")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "a", "[8, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "a", "[0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "a", "[0, 8, 8]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "a", "8 bytes")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "b",
        "overlap")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20, "b",
        "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "a", "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "a", "7 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, null, "9 bytes")]
    [InlineData("""{"a":[]}""", 0, "a", "StartArray")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""", 8, null, "other bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":{"y":[[[[1]]]]}}}""", 8, null, "other bytes")]
    [InlineData("""[]""", 0, null, "the byte 0x5B")]
    [InlineData("""  {}""", 0, null, "the byte 0x20")]
    [InlineData("""{} {}""", 0, null, "other bytes")]
    [InlineData("""{"a":""", 0, null, "other bytes")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, null, "other bytes")]
    [InlineData("", 0, null, "an empty one")]
    public void Open_OfAWrongHeader_NamesTensorAndFault(string json, int dataBytes, string? tensor, string found)
    {
        string path = Write(json, new byte[dataBytes]);

        var e = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));

        Assert.Equal(tensor, e.TensorName);
        Assert.Contains(found, e.Found, StringComparison.Ordinal);
        Assert.Contains($"expected {e.Expected}, found {e.Found}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0UL, "0 bytes")]
    [InlineData(7, 0UL, "7 bytes")]
    [InlineData(8, 1UL, "0 bytes")]
    [InlineData(20, 100_000_001UL, "one that says it has 100000001")]
    [InlineData(20, ulong.MaxValue, "one that says it has 18446744073709551615")]
    [InlineData(20, 100_000_000UL, "12 bytes")]
    public void Open_OfAWrongLength_SaysSo(int fileBytes, ulong length, string found)
    {
        byte[] bytes = new byte[Math.Max(8, fileBytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        string path = Path.Combine(_folder.Path, "file");
        File.WriteAllBytes(path, bytes[..fileBytes]);

        Assert.Equal(found, Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Found);
    }

    [Fact]
    public void Open_OfTextThatIsNotUtf8_SaysSo()
    {
        byte[] json = [.. """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""u8];
        json[2] = 0xFF;

        Assert.Contains(
            "other bytes", Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(Write(json, new byte[4]))).Found,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90893304\n")]
    [InlineData("version https://git-lfs")]
    public void Open_OfAPointerOfGitLfs_SaysHowToGetTheFile(string text)
    {
        string path = Path.Combine(_folder.Path, "model.safetensors");
        File.WriteAllText(path, text);

        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message;

        Assert.StartsWith($"'{path}' is a pointer of Git LFS", message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfATextThatBeginsLikeAPointerOnly_IsADamagedFile()
    {
        string path = Path.Combine(_folder.Path, "model.safetensors");
        File.WriteAllText(path, "version https://example.org/spec/v1\n");

        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));
    }

    [Fact]
    public void Open_OfFieldsThatThisVersionDoesNotKnow_PassesThemOver()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            Write("""{"a":{"x":[1],"dtype":"F32","y":"z","shape":[1],"data_offsets":[0,4]}}""", Bytes(3f)));

        Assert.Equal([3f], file.ReadSingles(file.Find("a")));
    }

    [Fact]
    public void Open_OfTensorsOutOfOrder_ReadsEachFromItsPlace()
    {
        using SafetensorsFile file = SafetensorsFile.Open(
            Write("""{"z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"e":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   """, Bytes(1f, 2f)));

        Assert.Equal(["z", "e", "a"], file.Tensors.Select(t => t.Name));
        Assert.Equal((2f, 1f), (file.ReadSingles(file.Find("z"))[0], file.ReadSingles(file.Find("a"))[0]));
    }

    [Fact]
    public void Read_OfAFileThatBecameShorter_SaysSo()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("An open file cannot be cut there.");
        }
        string path = Write("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        File.WriteAllBytes(path + ".cut", File.ReadAllBytes(path)[..^3]);
        // Another handle, as another program would have it.
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            other.SetLength(new FileInfo(path + ".cut").Length);
        }

        Assert.Contains(
            "became shorter", Assert.Throws<SafetensorsException>(() => file.ReadSingles(file.Find("a"))).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteThenOpen_OfAnyNames_GivesThemBack()
    {
        string path = Path.Combine(_folder.Path, "written");
        string[] names = ["plain", "quote\"back\\slash", "tab\tline\nbell\u0007", "größe 中 😀 \u007f\u2028", ""];
        SafetensorsWriter.Write(
            path, [.. names.Select(n => (n, SafetensorsDataType.F32, (IReadOnlyList<long>)[1L]))],
            (i, stream) => SafetensorsWriter.WriteSingles(stream, [i]), [new("k\"", "v\\")]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(names, file.Tensors.Select(t => t.Name));
        Assert.Equal([0f, 1, 2, 3, 4], names.Select(n => file.ReadSingles(file.Find(n))[0]));
        Assert.Equal([new("k\"", "v\\")], file.Metadata);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) % 8);
        Assert.Single(_folder.Files);
    }

    [Fact]
    public void Write_OfOtherBytesThanWereAnnounced_LeavesNothing()
    {
        string path = Path.Combine(_folder.Path, "written");

        Assert.Throws<InvalidOperationException>(
            () => SafetensorsWriter.Write(
                path, [("a", SafetensorsDataType.F32, [2])], (_, stream) => SafetensorsWriter.WriteSingles(stream, [1]), []));

        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData("bert-dense-identity", "2_Dense/model.safetensors")]
    [InlineData("bert-dense-identity", "model.safetensors")]
    [InlineData("bert-mini", "model.safetensors")]
    [InlineData("distilbert-mini", "model.safetensors")]
    [InlineData("roberta-ids", "model.safetensors")]
    [InlineData("static-embedding", "0_StaticEmbedding/model.safetensors")]
    [InlineData("model2vec-mini", "model.safetensors")]
    public void ReadThenWrite_OfFilesOfTheFormatsOwnLibrary_GivesTheSameBytes(string encoder, string file)
    {
        string path = Repository.Golden(encoder, file);
        string copy = Path.Combine(_folder.Path, "copy");

        using (SafetensorsFile opened = SafetensorsFile.Open(path))
        {
            SafetensorsCopy.Write(opened, copy);
        }

        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
    }

    [Fact]
    public void Mutations_OfAFile_AreReadOrRefusedWithATypedError()
    {
        int count = Mutation.Count(3000);
        byte[] good = File.ReadAllBytes(
            Write("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"I64","shape":[1],"data_offsets":[32,40]},"d":{"dtype":"BF16","shape":[],"data_offsets":[40,42]}}""", new byte[42]));
        int headerEnd = good.Length - 42;
        var random = new Random(20261124);
        string path = Path.Combine(_folder.Path, "mutated");
        int read = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Mutation.Of(good, random, headerEnd);
            File.WriteAllBytes(path, bytes);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(path);
                ReadAll(file, bytes.Length);
                read++;
            }
            catch (SafetensorsException)
            {
            }
        }
        Assert.InRange(read, count / 100, count * 9 / 10);
    }

    private static void ReadAll(SafetensorsFile file, int fileBytes)
    {
        Assert.True(file.Tensors.Sum(t => t.Length) <= fileBytes);
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            file.ReadBytes(tensor, 0, new byte[tensor.Length]);
            if (tensor.Type.Name is "F32" or "F16" or "BF16" or "F64")
            {
                Assert.Equal(tensor.Count, file.ReadSingles(tensor).Length);
            }
        }
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Bytes(params Half[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private string Write(string json, byte[] data) => Write(Encoding.UTF8.GetBytes(json), data);

    private string Write(byte[] json, byte[] data)
    {
        string path = Path.Combine(_folder.Path, Path.GetRandomFileName());
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. data]);
        return path;
    }
}

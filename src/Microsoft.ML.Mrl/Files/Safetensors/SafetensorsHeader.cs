using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>
/// Represents the header of a safetensors file: its length (uint64, little-endian), then JSON in UTF-8 that names each tensor's type, shape
/// and bytes. The bytes of all tensors follow, back to back. Source: the format's description at huggingface/safetensors.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The bytes before the JSON.</summary>
    public const int LengthBytes = 8;

    /// <summary>The longest JSON that the format allows, 100 MB.</summary>
    public const long MaxJsonBytes = 100_000_000;

    /// <summary>A tensor's object holds an array: three levels.</summary>
    private const int Depth = 3;

    private const string MetadataName = "__metadata__";
    private const string Advice = "The file is damaged or is not a safetensors file: copy or export it again.";

    private readonly string _path;
    private readonly List<SafetensorsTensor> _tensors = [];
    private readonly List<KeyValuePair<string, string>> _metadata = [];

    private SafetensorsHeader(string path) => _path = path;

    /// <summary>Gets the tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => _tensors;

    /// <summary>Gets the file's texts, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _metadata;

    /// <summary>Returns the length of the JSON that the first bytes of a file announce, checked against the file's length.</summary>
    public static int JsonLength(string path, ReadOnlySpan<byte> start, long fileLength)
    {
        ulong length = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > (ulong)MaxJsonBytes)
        {
            throw new SafetensorsException(path, null, $"a header of at most {MaxJsonBytes} bytes",
                $"one that says it has {length}", Advice);
        }
        return (long)length <= fileLength - LengthBytes
            ? (int)length
            : throw new SafetensorsException(path, null, $"a header of {length} bytes", $"{fileLength - LengthBytes} bytes", Advice);
    }

    /// <summary>Reads the JSON and checks every number in it.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="json">The JSON.</param>
    /// <param name="dataLength">The bytes after it.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            if (json.IsEmpty || json[0] != (byte)'{')
            {
                throw header.Wrong(null, "a header that begins with {", json.IsEmpty ? "an empty one" : $"the byte 0x{json[0]:X2}");
            }
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
            header.ReadObject(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: text that is not UTF-8.
            throw new SafetensorsException(path, null, "a header of JSON", $"other bytes ({e.Message})", Advice, e);
        }
        header.CheckPlaces(dataLength);
        return header;
    }

    private void ReadObject(ref Utf8JsonReader reader)
    {
        var names = new HashSet<string>();
        Next(ref reader, JsonTokenType.StartObject, null, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
            {
                throw Wrong(name, "each name once", "it twice");
            }
            if (name == MetadataName)
            {
                ReadMetadata(ref reader);
            }
            else
            {
                ReadTensor(ref reader, name);
            }
        }
        // What is left can only be blank: the reader refuses anything else.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        var keys = new HashSet<string>();
        Next(ref reader, JsonTokenType.StartObject, MetadataName, "an object of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Next(ref reader, JsonTokenType.String, MetadataName, "an object of texts");
            if (!keys.Add(key))
            {
                throw Wrong(MetadataName, "each key once", $"'{key}' twice");
            }
            _metadata.Add(new(key, reader.GetString()!));
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        SafetensorsDataType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Next(ref reader, JsonTokenType.StartObject, name, "an object with dtype, shape and data_offsets");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            switch (field)
            {
                case "dtype" when type is null:
                    Next(ref reader, JsonTokenType.String, name, "a text as dtype");
                    string text = reader.GetString()!;
                    type = SafetensorsDataType.Find(text) ?? throw Wrong(name, "a dtype of the format, such as F32", $"'{Short(text)}'");
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, field);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, field);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Wrong(name, "each field once", $"{field} twice");
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is null)
        {
            throw Wrong(name, "dtype, shape and data_offsets", $"no {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        }
        if (offsets.Count != 2 || offsets[1] < offsets[0])
        {
            throw Wrong(name, "data_offsets of a start and an end that is not before it", SafetensorsTensor.Text(offsets.Take(4)));
        }
        if (SafetensorsTensor.Size(type, shape) is not { } size)
        {
            throw Wrong(name, "a shape of whole bytes below 2^63", $"{type.Name} {SafetensorsTensor.Text(shape.Take(8))}");
        }
        long length = offsets[1] - offsets[0];
        if (size.Bytes != length)
        {
            throw Wrong(name, $"{size.Bytes} bytes for {type.Name} {SafetensorsTensor.Text(shape.Take(8))}",
                $"{length} bytes at {SafetensorsTensor.Text(offsets)}");
        }
        _tensors.Add(new SafetensorsTensor(name, type, shape, offsets[0], length, size.Count));
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        var numbers = new List<long>();
        Next(ref reader, JsonTokenType.StartArray, name, $"a list of numbers as {field}");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Wrong(name, $"whole numbers from 0 as {field}", reader.TokenType == JsonTokenType.Number
                    ? Short(Encoding.UTF8.GetString(reader.ValueSpan)) : $"{reader.TokenType}");
            }
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>Checks that the tensors lie back to back and fill the file, so that every byte belongs to exactly one tensor.</summary>
    private void CheckPlaces(long dataLength)
    {
        long end = 0;
        foreach (SafetensorsTensor tensor in _tensors.OrderBy(t => t.Start).ThenBy(t => t.Length))
        {
            if (tensor.Start != end)
            {
                throw Wrong(tensor.Name, $"data from byte {end}, where the tensor before it ends",
                    $"data from byte {tensor.Start}: {(tensor.Start < end ? "they overlap" : "there is a hole")}");
            }
            end = tensor.Start + tensor.Length;
            if (end > dataLength)
            {
                throw Wrong(tensor.Name, $"data up to byte {end}", $"{dataLength} bytes of data in the file");
            }
        }
        if (end != dataLength)
        {
            throw Wrong(null, $"{end} bytes of data", $"{dataLength} bytes");
        }
    }

    private void Next(ref Utf8JsonReader reader, JsonTokenType type, string? name, string expected)
    {
        reader.Read();
        if (reader.TokenType != type)
        {
            throw Wrong(name, expected, $"{reader.TokenType}");
        }
    }

    private SafetensorsException Wrong(string? tensor, string expected, string found) =>
        new(_path, tensor is null ? null : Short(tensor), expected, found, Advice);

    /// <summary>Shortens a text for a message, since the texts of a damaged file may have any length.</summary>
    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}

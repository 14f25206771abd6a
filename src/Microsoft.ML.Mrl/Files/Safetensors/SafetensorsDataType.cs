namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>Represents a number type of the safetensors format: its name in the file and its width.</summary>
internal sealed record SafetensorsDataType(string Name, int Bits)
{
    public static readonly SafetensorsDataType F32 = new("F32", 32);
    public static readonly SafetensorsDataType F64 = new("F64", 64);
    public static readonly SafetensorsDataType F16 = new("F16", 16);
    public static readonly SafetensorsDataType BF16 = new("BF16", 16);
    public static readonly SafetensorsDataType I64 = new("I64", 64);
    public static readonly SafetensorsDataType I32 = new("I32", 32);
    public static readonly SafetensorsDataType I16 = new("I16", 16);
    public static readonly SafetensorsDataType I8 = new("I8", 8);
    public static readonly SafetensorsDataType U64 = new("U64", 64);
    public static readonly SafetensorsDataType U32 = new("U32", 32);
    public static readonly SafetensorsDataType U16 = new("U16", 16);
    public static readonly SafetensorsDataType U8 = new("U8", 8);

    /// <summary>All types of the format, those that nothing here computes with too.</summary>
    private static readonly Dictionary<string, SafetensorsDataType> Known = new SafetensorsDataType[]
    {
        F32, F64, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8,
        new("BOOL", 8), new("F8_E5M2", 8), new("F8_E4M3", 8), new("F8_E8M0", 8), new("F6_E3M2", 6), new("F6_E2M3", 6), new("F4", 4),
            new("C64", 64),
    }.ToDictionary(t => t.Name);

    public static SafetensorsDataType? Find(string name) => Known.GetValueOrDefault(name);
}

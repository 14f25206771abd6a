using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(QuantizeEmbeddingTransformer), null, typeof(SignatureLoadModel), "Quantize Embedding",
    QuantizeEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(QuantizeEmbeddingTransformer), null, typeof(SignatureLoadRowMapper),
    "Quantize Embedding", QuantizeEmbeddingTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a transformer that stores embeddings <c>[D]</c> in fewer bytes. If dimensions are given, it first cuts them to their first m
/// values and rescales the prefix to unit length. Create it with QuantizeEmbedding.
/// </summary>
/// <remarks>
/// <para>
/// Signed bytes are spread over the ranges of <see cref="Int8Ranges"/>. Values outside the range of their dimension are stored as its end.
/// Bits are packed eight to a byte in the order of <c>numpy.packbits</c>: the first value is in the highest bit, and the bits after the
/// last value are 0. Half-precision values are rounded to the nearest and stored as the bits of a <see cref="ushort"/>. A vector of zeros
/// is quantized like any other: all of its bits are 0, which stand for −1.
/// </para>
/// <para>
/// If a kept value is NaN or infinite, or beyond ±65,519 for half precision, reading that row throws
/// <see cref="InvalidOperationException"/> with a message that names the row. Values after the prefix are not read. Annotations of the
/// output column describe its content, so DequantizeEmbedding and searches need no further settings.
/// </para>
/// <para>Rows are computed when a cursor asks for them, without allocations. Any number of cursors may run at once.</para>
/// </remarks>
public sealed class QuantizeEmbeddingTransformer : EmbeddingTransformer
{
    internal const string LoaderSignature = "MrlQuantizeEmbedding";
    private const string RangesStream = "Ranges.bin";
    private const byte FrameVersion = 1;

    internal QuantizeEmbeddingTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingType type,
        int? dimensions, Int8Ranges? ranges)
        : base(environment.Register(nameof(QuantizeEmbeddingTransformer)), columns)
    {
        Type = type;
        Dimensions = dimensions;
        Ranges = ranges;
    }

    private QuantizeEmbeddingTransformer(IHost host, BinaryReader settings, ModelLoadContext context)
        : base(host, settings)
    {
        // *** Binary format ***
        // <base: column pairs>
        // byte: type
        // int: dimensions, 0 for all
        // for signed bytes, stream Ranges.bin: a checksummed frame named MRLRANG with the ranges
        Type = (EmbeddingType)settings.ReadByte();
        host.CheckDecode(Type != EmbeddingType.Single && Enum.IsDefined(Type));
        int dimensions = settings.ReadInt32();
        host.CheckDecode(dimensions >= 0);
        Dimensions = dimensions == 0 ? null : dimensions;
        if (Type == EmbeddingType.Int8)
        {
            Int8Ranges? ranges = null;
            host.CheckDecode(context.TryLoadBinaryStream(RangesStream, reader => ranges = ReadRanges(reader.BaseStream)));
            Ranges = ranges!;
            host.CheckDecode(Dimensions is null || Dimensions == Ranges.Dimensions);
        }
    }

    /// <summary>Gets the type that the values are stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>
    /// Gets the prefix length m that is kept and rescaled to unit length, or <see langword="null"/> if all values are stored unchanged.
    /// </summary>
    public int? Dimensions { get; }

    /// <summary>Gets the ranges of signed bytes, which all columns share, or <see langword="null"/> for other types.</summary>
    public Int8Ranges? Ranges { get; }

    /// <exception cref="ArgumentOutOfRangeException">The column is narrower than the prefix to keep.</exception>
    internal static void CheckWidth(IExceptionContext host, DataViewSchema.Column column, int width, int? dimensions)
    {
        if (dimensions > width)
        {
            throw host.Process(new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                string.Create(CultureInfo.InvariantCulture,
                    $"Cannot truncate to {dimensions}: column '{column.Name}' has {width} values. Choose 1..{width}.")));
        }
    }

    private protected override void CheckInput(DataViewSchema.Column column)
    {
        int width = SchemaErrors.EmbeddingWidth(column, "input", "inputSchema");
        CheckWidth(Host, column, width, Dimensions);
        if (Ranges is not null && Dimensions is null && width != Ranges.Dimensions)
        {
            throw Host.ExceptSchemaMismatch("inputSchema", "input", column.Name,
                $"Vector<Single, {Ranges.Dimensions}> (the width of the ranges)", column.Type.ToString());
        }
    }

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override void SaveSettings(BinaryWriter settings)
    {
        settings.Write((byte)Type);
        settings.Write(Dimensions ?? 0);
    }

    private protected override void SaveContent(ModelSaveContext context)
    {
        if (Ranges is not null)
        {
            context.SaveBinaryStream(RangesStream, writer =>
                ChecksummedFrame.Write(writer.BaseStream, RangesMagic, FrameVersion, Ranges.Write));
        }
    }

    private protected override VectorDataViewType OutputType(DataViewSchema.Column input) =>
        new(EmbeddingTypes.ItemType(Type), EmbeddingTypes.Items(Type, Kept(input)));

    private protected override void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input)
    {
        int kept = Kept(input);
        QuantizationAnnotations.Add(builder, Type, kept, Ranges);
        if (Type != EmbeddingType.Binary && input.HasSlotNames(Width(input)))
        {
            builder.AddSlotNames(kept, (ref VBuffer<ReadOnlyMemory<char>> names) =>
                EmbeddingAnnotations.ReadSlotNames(input, kept, ref names));
        }
        if (EmbeddingAnnotations.TryGetTrainedDimensions(input, out MatryoshkaDimensions? trained))
        {
            EmbeddingAnnotations.AddTrainedDimensions(builder, trained.Where(m => m <= kept));
        }
        EmbeddingAnnotations.AddHeadFingerprint(builder, EmbeddingAnnotations.TryGetHeadFingerprint(input));
    }

    private protected override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        int items = EmbeddingTypes.Items(Type, Kept(input));
        ValueGetter<VBuffer<float>> read = row.GetGetter<VBuffer<float>>(input);
        var quantizer = new EmbeddingQuantizer(input.Name, Dimensions, Width(input));
        Int8Ranges? ranges = Ranges;
        VBuffer<float> source = default;
        return Type switch
        {
            EmbeddingType.Half => (ValueGetter<VBuffer<ushort>>)((ref VBuffer<ushort> destination) =>
            {
                read(ref source);
                VBufferEditor<ushort> editor = VBufferEditor.Create(ref destination, items);
                HalfCodec.Quantize(quantizer.Prepare(in source, row.Position, EmbeddingType.Half), HalfCodec.AsHalf(editor.Values));
                destination = editor.Commit();
            }),
            EmbeddingType.Int8 => (ValueGetter<VBuffer<sbyte>>)((ref VBuffer<sbyte> destination) =>
            {
                read(ref source);
                VBufferEditor<sbyte> editor = VBufferEditor.Create(ref destination, items);
                ranges!.QuantizeFinite(quantizer.Prepare(in source, row.Position, EmbeddingType.Int8), editor.Values);
                destination = editor.Commit();
            }),
            _ => (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> destination) =>
            {
                read(ref source);
                VBufferEditor<byte> editor = VBufferEditor.Create(ref destination, items);
                BinaryCodec.Pack(quantizer.Prepare(in source, row.Position, EmbeddingType.Binary), editor.Values);
                destination = editor.Commit();
            }),
        };
    }

    private protected override bool CanWriteOnnx => true;

    private protected override void WriteOnnx(OnnxContext context, string input, string output, DataViewSchema.Column column)
    {
        context.CheckOpSetVersion(11, LoaderSignature);
        var nodes = new OnnxNodes(context);
        string values = Dimensions is { } dimensions ? OnnxCut.Rescale(nodes, OnnxCut.Prefix(nodes, input, dimensions)) : input;
        QuantizedOnnx.Quantize(nodes, values, new QuantizedColumn(Type, Kept(column), Ranges), output);
    }

    private static ReadOnlySpan<byte> RangesMagic => "MRLRANG"u8;

    private static Int8Ranges ReadRanges(Stream stream) => ChecksummedFrame.Read(
        stream, RangesMagic, (FrameVersion, FrameVersion), "set of ranges", Int8Ranges.MaxBytes, (reader, _) => Int8Ranges.Read(reader));

    private int Kept(DataViewSchema.Column input) => Dimensions ?? Width(input);

    private static int Width(DataViewSchema.Column input) => ((VectorDataViewType)input.Type).Size;

    private static VersionInfo GetVersionInfo() => VersionOf<QuantizeEmbeddingTransformer>("MRLQUANT", LoaderSignature, 0x00010003);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static QuantizeEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings =>
            new QuantizeEmbeddingTransformer(env.Register(nameof(QuantizeEmbeddingTransformer)), settings, ctx));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

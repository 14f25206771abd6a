using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms.Views;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(QuantizeEmbeddingTransformer), null, typeof(SignatureLoadModel), "Quantize Embedding", QuantizeEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(QuantizeEmbeddingTransformer), null, typeof(SignatureLoadRowMapper), "Quantize Embedding", QuantizeEmbeddingTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Cuts embeddings <c>[D]</c> to their first m values and rescales the prefix to unit length, where asked to, and stores the values in fewer bytes. Comes from
/// <see cref="QuantizeEmbeddingEstimator"/>.
/// </summary>
/// <remarks>
/// <para>
/// Signed bytes: see <see cref="Int8Ranges"/>; values outside the range of their dimension are stored as its end. Bits: see <see cref="BinaryEmbedding"/>. Halves: the nearest half-precision
/// value, its bits as UInt16; see <see cref="HalfEmbedding"/>. A vector of zeros is quantized like any other: its bits are all 0, which stand for −1.
/// </para>
/// <para>
/// A NaN or an infinity among the values kept, and for halves a value beyond ±65,519, ends the reading of that row with an <see cref="InvalidOperationException"/> that names it: no type could be
/// compared with it. Values after the prefix are never looked at. The output column says by annotations what it holds, so that DequantizeEmbedding and a search need not be told.
/// </para>
/// <para>Rows are computed when a cursor asks for them, without allocating; any number of cursors may run at once.</para>
/// </remarks>
public sealed class QuantizeEmbeddingTransformer : OneToOneTransformerBase, ITransformer
{
    internal const string LoaderSignature = "MrlQuantizeEmbedding";

    internal QuantizeEmbeddingTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingType type, int? dimensions, Int8Ranges? ranges)
        : base(environment.Register(nameof(QuantizeEmbeddingTransformer)), columns)
    {
        Type = type;
        Dimensions = dimensions;
        Ranges = ranges;
    }

    private QuantizeEmbeddingTransformer(IHost host, ModelLoadContext context)
        : base(host, context)
    {
        // *** Binary format ***
        // <base: column pairs>
        // byte: type
        // int: dimensions, 0 for all
        // for signed bytes: the ranges
        Type = (EmbeddingType)context.Reader.ReadByte();
        host.CheckDecode(Type != EmbeddingType.Float32 && Enum.IsDefined(Type));
        int dimensions = context.Reader.ReadInt32();
        host.CheckDecode(dimensions >= 0);
        Dimensions = dimensions == 0 ? null : dimensions;
        if (Type == EmbeddingType.Int8)
        {
            Ranges = Int8Ranges.Read(context.Reader);
            host.CheckDecode(Dimensions is null || Dimensions == Ranges.Dimensions);
        }
    }

    /// <summary>What the values are stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>The prefix length m that is kept and rescaled to unit length; <see langword="null"/> where all values are stored as they come.</summary>
    public int? Dimensions { get; }

    /// <summary>The ranges of signed bytes, which all columns share; <see langword="null"/> for other types.</summary>
    public Int8Ranges? Ranges { get; }

    /// <summary>The input with the quantized columns added; they are computed when a cursor asks for them.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, is not a known-size vector of Single, or is of a width that does not fit.</exception>
    public new IDataView Transform(IDataView input) => new UnsplitView(Host, MakeDataTransform(input));

    /// <exception cref="ArgumentOutOfRangeException">The column is narrower than what is to be kept of it.</exception>
    internal static void CheckWidth(IExceptionContext host, DataViewSchema.Column column, int width, int? dimensions)
    {
        if (dimensions > width)
        {
            throw host.Process(new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                string.Create(CultureInfo.InvariantCulture, $"Cannot truncate to {dimensions}: column '{column.Name}' has {width} values. Choose 1..{width}.")));
        }
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        (DataViewSchema.Column column, int width) = EmbeddingSchema.FindEmbedding(inputSchema, inputSchema[srcCol].Name);
        CheckWidth(Host, column, width, Dimensions);
        if (Ranges is not null && Dimensions is null && width != Ranges.Dimensions)
        {
            throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", column.Name, $"Vector<Single, {Ranges.Dimensions}> (the width of the ranges)", column.Type.ToString());
        }
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write((byte)Type);
        ctx.Writer.Write(Dimensions ?? 0);
        Ranges?.Write(ctx.Writer);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "MRLQUANT",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(QuantizeEmbeddingTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static QuantizeEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new QuantizeEmbeddingTransformer(env.Register(nameof(QuantizeEmbeddingTransformer)), ctx);
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private sealed class Mapper(QuantizeEmbeddingTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema)
    {
        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var columns = new DataViewSchema.DetachedColumn[parent.ColumnPairs.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                DataViewSchema.Column input = InputSchema[ColMapNewToOld[i]];
                int width = ((VectorDataViewType)input.Type).Size, kept = parent.Dimensions ?? width;
                var builder = new DataViewSchema.Annotations.Builder();
                QuantizationAnnotations.Add(builder, parent.Type, kept, parent.Ranges);
                if (parent.Type != EmbeddingType.Binary && input.HasSlotNames(width))
                {
                    builder.AddSlotNames(kept, (ref VBuffer<ReadOnlyMemory<char>> names) => EmbeddingAnnotations.ReadSlotNames(input, kept, ref names));
                }
                if (EmbeddingAnnotations.TryGetTrainedDimensions(input, out MatryoshkaDimensions? trained))
                {
                    EmbeddingAnnotations.AddTrainedDimensions(builder, trained.Where(m => m <= kept));
                }
                EmbeddingAnnotations.AddHeadFingerprint(builder, EmbeddingAnnotations.TryGetHeadFingerprint(input));
                var type = new VectorDataViewType(EmbeddingTypes.ItemType(parent.Type), EmbeddingTypes.Items(parent.Type, kept));
                columns[i] = new DataViewSchema.DetachedColumn(parent.ColumnPairs[i].outputColumnName, type, builder.ToAnnotations());
            }
            return columns;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            DataViewSchema.Column column = input.Schema[ColMapNewToOld[iinfo]];
            int width = ((VectorDataViewType)column.Type).Size, items = EmbeddingTypes.Items(parent.Type, parent.Dimensions ?? width);
            ValueGetter<VBuffer<float>> read = input.GetGetter<VBuffer<float>>(column);
            var quantizer = new EmbeddingQuantizer(column.Name, parent.Dimensions, width);
            Int8Ranges? ranges = parent.Ranges;
            VBuffer<float> source = default;
            return parent.Type switch
            {
                EmbeddingType.Half => (ValueGetter<VBuffer<ushort>>)((ref VBuffer<ushort> destination) =>
                {
                    read(ref source);
                    VBufferEditor<ushort> editor = VBufferEditor.Create(ref destination, items);
                    HalfEmbedding.Quantize(quantizer.Prepare(in source, input.Position, EmbeddingType.Half), HalfEmbedding.AsHalf(editor.Values));
                    destination = editor.Commit();
                }),
                EmbeddingType.Int8 => (ValueGetter<VBuffer<sbyte>>)((ref VBuffer<sbyte> destination) =>
                {
                    read(ref source);
                    VBufferEditor<sbyte> editor = VBufferEditor.Create(ref destination, items);
                    ranges!.QuantizeFinite(quantizer.Prepare(in source, input.Position, EmbeddingType.Int8), editor.Values);
                    destination = editor.Commit();
                }),
                _ => (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> destination) =>
                {
                    read(ref source);
                    VBufferEditor<byte> editor = VBufferEditor.Create(ref destination, items);
                    BinaryEmbedding.Pack(quantizer.Prepare(in source, input.Position, EmbeddingType.Binary), editor.Values);
                    destination = editor.Commit();
                }),
            };
        }
    }
}

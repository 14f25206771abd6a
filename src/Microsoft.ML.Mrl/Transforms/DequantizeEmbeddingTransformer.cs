using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms.Views;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(DequantizeEmbeddingTransformer), null, typeof(SignatureLoadModel), "Dequantize Embedding", DequantizeEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(DequantizeEmbeddingTransformer), null, typeof(SignatureLoadRowMapper), "Dequantize Embedding", DequantizeEmbeddingTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>Turns quantized embeddings back into single-precision ones, <c>[m]</c>. Comes from <see cref="DequantizeEmbeddingEstimator"/>.</summary>
/// <remarks>
/// Signed bytes become the values that they stand for (<see cref="Int8Ranges"/>), which are not rescaled to unit length; halves become the same values; a bit becomes ±1/√m, which is of unit
/// length. Type, width and ranges are read from the annotations of the input column, which ML.NET keeps in its binary files too. Rows are computed when a cursor asks for them, without
/// allocating; any number of cursors may run at once.
/// </remarks>
public sealed class DequantizeEmbeddingTransformer : OneToOneTransformerBase, ITransformer
{
    internal const string LoaderSignature = "MrlDequantizeEmbedding";

    internal DequantizeEmbeddingTransformer(IHostEnvironment environment, (string Output, string Input)[] columns)
        : base(environment.Register(nameof(DequantizeEmbeddingTransformer)), columns)
    {
    }

    private DequantizeEmbeddingTransformer(IHost host, ModelLoadContext context)
        : base(host, context)
    {
        // *** Binary format ***
        // <base: column pairs>
    }

    /// <summary>The input with the single-precision columns added; they are computed when a cursor asks for them.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not one that QuantizeEmbedding made.</exception>
    public new IDataView Transform(IDataView input) => new UnsplitView(Host, MakeDataTransform(input));

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol) => QuantizedColumn.Of(inputSchema[srcCol], "input", nameof(inputSchema));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "MRLDEQUA",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(DequantizeEmbeddingTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static DequantizeEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new DequantizeEmbeddingTransformer(env.Register(nameof(DequantizeEmbeddingTransformer)), ctx);
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private sealed class Mapper(DequantizeEmbeddingTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema)
    {
        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var columns = new DataViewSchema.DetachedColumn[parent.ColumnPairs.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                DataViewSchema.Column input = InputSchema[ColMapNewToOld[i]];
                QuantizedColumn quantized = QuantizedColumn.Of(input, "input", "inputSchema");
                int width = quantized.Dimensions;
                var builder = new DataViewSchema.Annotations.Builder();
                if (quantized.Type == EmbeddingType.Binary)
                {
                    builder.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
                }
                else if (input.HasSlotNames(width))
                {
                    builder.AddSlotNames(width, (ref VBuffer<ReadOnlyMemory<char>> names) => EmbeddingAnnotations.ReadSlotNames(input, width, ref names));
                }
                if (EmbeddingAnnotations.TryGetTrainedDimensions(input, out MatryoshkaDimensions? trained))
                {
                    EmbeddingAnnotations.AddTrainedDimensions(builder, trained);
                }
                EmbeddingAnnotations.AddHeadFingerprint(builder, EmbeddingAnnotations.TryGetHeadFingerprint(input));
                columns[i] = new DataViewSchema.DetachedColumn(parent.ColumnPairs[i].outputColumnName, new VectorDataViewType(NumberDataViewType.Single, width), builder.ToAnnotations());
            }
            return columns;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            DataViewSchema.Column column = input.Schema[ColMapNewToOld[iinfo]];
            QuantizedColumn quantized = QuantizedColumn.Of(column, "input", "inputSchema");
            return quantized.Type switch
            {
                EmbeddingType.Half => Getter<ushort>(input, column, quantized.Dimensions, (bits, values) => HalfEmbedding.Dequantize(HalfEmbedding.AsHalf(bits), values)),
                EmbeddingType.Int8 => Getter<sbyte>(input, column, quantized.Dimensions, quantized.Ranges!.Dequantize),
                EmbeddingType.Binary => Getter<byte>(input, column, quantized.Dimensions, BinaryEmbedding.Unpack),
                _ => input.GetGetter<VBuffer<float>>(column),
            };
        }

        private static ValueGetter<VBuffer<float>> Getter<T>(DataViewRow input, DataViewSchema.Column column, int width, Dequantize<T> dequantize)
        {
            ValueGetter<VBuffer<T>> read = input.GetGetter<VBuffer<T>>(column);
            var items = new T[((VectorDataViewType)column.Type).Size];
            VBuffer<T> source = default;
            return (ref VBuffer<float> destination) =>
            {
                read(ref source);
                source.CopyTo(items);
                VBufferEditor<float> editor = VBufferEditor.Create(ref destination, width);
                dequantize(items, editor.Values);
                destination = editor.Commit();
            };
        }

        private delegate void Dequantize<T>(ReadOnlySpan<T> items, Span<float> values);
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(DequantizeEmbeddingTransformer), null, typeof(SignatureLoadModel), "Dequantize Embedding",
    DequantizeEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(DequantizeEmbeddingTransformer), null, typeof(SignatureLoadRowMapper),
    "Dequantize Embedding", DequantizeEmbeddingTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>
/// Represents a transformer that turns quantized embeddings back into single precision, <c>[m]</c>; see <see cref="MrlCatalog"/>.
/// </summary>
/// <remarks>
/// <para>
/// Signed bytes become the values that they stand for (<see cref="Int8Ranges"/>), which are not rescaled to unit length. Half-precision
/// values stay the same. A bit becomes ±1/√m, so that the vector has unit length.
/// </para>
/// <para>
/// The type, the width and the ranges are read from the annotations of the input column, which ML.NET also keeps in its binary files. Rows
/// are computed when a cursor asks for them, without allocations. Any number of cursors may run at once.
/// </para>
/// </remarks>
internal sealed class DequantizeEmbeddingTransformer : EmbeddingTransformer
{
    public const string LoaderSignature = "MrlDequantizeEmbedding";

    public DequantizeEmbeddingTransformer(IHostEnvironment environment, (string Output, string Input)[] columns)
        : base(environment.Register(nameof(DequantizeEmbeddingTransformer)), columns)
    {
    }

    private DequantizeEmbeddingTransformer(IHost host, BinaryReader settings)
        : base(host, settings)
    {
    }

    private protected override void CheckInput(DataViewSchema.Column column) => Quantized(column);

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override VectorDataViewType OutputType(DataViewSchema.Column input) =>
        new(NumberDataViewType.Single, Quantized(input).Dimensions);

    private protected override void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input)
    {
        QuantizedColumn quantized = Quantized(input);
        int width = quantized.Dimensions;
        if (quantized.Type == EmbeddingType.Binary)
        {
            builder.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        }
        else if (input.HasSlotNames(width))
        {
            builder.AddSlotNames(width, (ref VBuffer<ReadOnlyMemory<char>> names) =>
                EmbeddingAnnotations.ReadSlotNames(input, width, ref names));
        }
        if (EmbeddingAnnotations.TryGetTrainedDimensions(input, out MatryoshkaDimensions? trained))
        {
            EmbeddingAnnotations.AddTrainedDimensions(builder, trained);
        }
        EmbeddingAnnotations.AddHeadFingerprint(builder, EmbeddingAnnotations.TryGetHeadFingerprint(input));
    }

    private protected override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        QuantizedColumn quantized = Quantized(input);
        return quantized.Type switch
        {
            EmbeddingType.Half => Getter<ushort>(row, input, quantized.Dimensions,
                (bits, values) => HalfCodec.Dequantize(HalfCodec.AsHalf(bits), values)),
            EmbeddingType.Int8 => Getter<sbyte>(row, input, quantized.Dimensions, quantized.Ranges!.Dequantize),
            EmbeddingType.Binary => Getter<byte>(row, input, quantized.Dimensions, BinaryCodec.Unpack),
            _ => row.GetGetter<VBuffer<float>>(input),
        };
    }

    private protected override bool CanWriteOnnx => true;

    private protected override void WriteOnnx(OnnxContext context, string input, string output, DataViewSchema.Column column)
    {
        context.CheckOpSetVersion(11, LoaderSignature);
        QuantizedOnnx.Dequantize(new OnnxNodes(context), input, Quantized(column), output);
    }

    private static QuantizedColumn Quantized(DataViewSchema.Column column) => QuantizedColumn.Of(column, "input", "inputSchema");

    private static ValueGetter<VBuffer<float>> Getter<T>(DataViewRow row, DataViewSchema.Column column, int width, Dequantize<T> dequantize)
    {
        ValueGetter<VBuffer<T>> read = row.GetGetter<VBuffer<T>>(column);
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

    private static VersionInfo GetVersionInfo() => VersionOf<DequantizeEmbeddingTransformer>("MRLDEQUA", LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static DequantizeEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings =>
            new DequantizeEmbeddingTransformer(env.Register(nameof(DequantizeEmbeddingTransformer)), settings));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

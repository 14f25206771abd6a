using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(EncodeTextTransformer), null, typeof(SignatureLoadModel), "Text Encoder", EncodeTextTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(EncodeTextTransformer), null, typeof(SignatureLoadRowMapper), "Text Encoder",
    EncodeTextTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>Turns one or several text columns (query and document, say) into embeddings <c>[D]</c>, with one encoder.</summary>
/// <remarks>
/// A static encoder is managed code; a transformer runs with ONNX Runtime. A missing or empty text becomes what the encoder makes of an
/// empty text: zeros, for a static one. The output columns carry the trained dimensions and the encoder's fingerprint as annotations. A
/// cursor reads up to 1,024 rows ahead, or 16 MiB of their values, and encodes their texts together when the first embedding is asked for;
/// order stays, and any number of cursors may run at once. A prediction engine encodes one row at a time.
/// </remarks>
public sealed class EncodeTextTransformer : OneToOneTransformerBase, ITransformer
{
    internal const string LoaderSignature = "MrlTextEncoder";
    private const string EncoderStream = "Encoder.bin";

    internal EncodeTextTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, TextEncoder encoder)
        : base(environment.Register(nameof(EncodeTextTransformer)), columns)
    {
        Encoder = encoder;
    }

    private EncodeTextTransformer(IHost host, ModelLoadContext context)
        : base(host, context)
    {
        // *** Binary format ***
        // <base: column pairs>
        // stream Encoder.bin: the encoder
        TextEncoder? encoder = null;
        host.CheckDecode(context.TryLoadBinaryStream(EncoderStream, reader => encoder = TextEncoder.Read(reader.BaseStream)));
        Encoder = encoder!;
    }

    /// <summary>The encoder, and how it was trained.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>The input with the embeddings added; they are computed when a cursor asks for them.</summary>
    /// <param name="input">Data with the text columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public new IDataView Transform(IDataView input) => Transform(input, CancellationToken.None);

    /// <summary>The input with the embeddings added; they are computed when a cursor asks for them.</summary>
    /// <param name="input">Data with the text columns.</param>
    /// <param name="cancellationToken">Makes cursors end with an <see cref="OperationCanceledException"/>, within a batch of texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public IDataView Transform(IDataView input, CancellationToken cancellationToken) =>
        new LookAheadView(Host, MakeDataTransform(input), Encoder, ColumnPairs, cancellationToken);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol) =>
        TextSchema.FindText(inputSchema, inputSchema[srcCol].Name);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.SaveBinaryStream(EncoderStream, writer => Encoder.Write(writer.BaseStream));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "MRLTEXTT",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(EncodeTextTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static EncodeTextTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new EncodeTextTransformer(env.Register(nameof(EncodeTextTransformer)), ctx);
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private sealed class Mapper(EncodeTextTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema)
    {
        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            TextEncoder encoder = parent.Encoder;
            var type = new VectorDataViewType(NumberDataViewType.Single, encoder.Dimensions);
            return Array.ConvertAll(parent.ColumnPairs, pair =>
            {
                var builder = new DataViewSchema.Annotations.Builder();
                EmbeddingAnnotations.AddTrainedDimensions(builder, encoder.TrainedDimensions ?? (IEnumerable<int>)[]);
                EmbeddingAnnotations.AddHeadFingerprint(builder, encoder.Fingerprint);
                if (encoder.IsNormalized)
                {
                    builder.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
                }
                return new DataViewSchema.DetachedColumn(pair.outputColumnName, type, builder.ToAnnotations());
            });
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            TextEncoder encoder = parent.Encoder;
            ValueGetter<ReadOnlyMemory<char>> read = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[ColMapNewToOld[iinfo]]);
            ReadOnlyMemory<char> text = default;
            var one = new string[1];
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
            {
                read(ref text);
                one[0] = text.ToString();
                VBufferEditor<float> editor = VBufferEditor.Create(ref destination, encoder.Dimensions);
                encoder.Encode(one, editor.Values);
                destination = editor.Commit();
            });
        }
    }
}

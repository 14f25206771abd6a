using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(MrlTransformer), null, typeof(SignatureLoadModel), "Matryoshka Embedding Head",
    MrlTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(MrlTransformer), null, typeof(SignatureLoadRowMapper), "Matryoshka Embedding Head",
    MrlTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>Represents a transformer that applies a trained head to one or several embedding columns, such as query and document.</summary>
/// <remarks>
/// No native library is loaded. The result is not rescaled: cut it with TruncateEmbedding, which rescales. NaN and infinity follow IEEE
/// arithmetic. The output columns have the trained dimensions and the fingerprint of the head as annotations.
/// </remarks>
public class MrlTransformer : EmbeddingTransformer
{
    internal const string LoaderSignature = "MrlEmbeddingHead";
    private const string HeadStream = "Head.bin";

    internal MrlTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingHead head)
        : this(environment.Register(nameof(MrlTransformer)), columns, head)
    {
    }

    private protected MrlTransformer(IHost host, (string Output, string Input)[] columns, EmbeddingHead head)
        : base(host, columns)
    {
        Head = head;
    }

    private protected MrlTransformer(IHost host, BinaryReader settings, ModelLoadContext context)
        : base(host, settings)
    {
        // *** Binary format ***
        // <base: column pairs>
        // stream Head.bin: the head
        EmbeddingHead? head = null;
        host.CheckDecode(context.TryLoadBinaryStream(HeadStream, reader => head = EmbeddingHead.Load(reader.BaseStream)));
        Head = head!;
    }

    /// <summary>Gets the head that is applied. It includes the summary of its training.</summary>
    public EmbeddingHead Head { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override bool CanWriteOnnx => true;

    // A head's product is worth a thread: ML.NET's own view, which splits its source.
    private protected override IDataView MakeView(RowToRowMapperTransform mapped) => mapped;

    private protected override void SaveContent(ModelSaveContext context) =>
        context.SaveBinaryStream(HeadStream, writer => Head.Save(writer.BaseStream));

    private protected override void CheckInput(DataViewSchema.Column column)
    {
        if (SchemaErrors.EmbeddingWidth(column, "input", "inputSchema") != Head.InputDimensions)
        {
            throw Host.ExceptSchemaMismatch("inputSchema", "input", column.Name,
                $"Vector<Single, {Head.InputDimensions}> (the width the head was trained on)", column.Type.ToString());
        }
    }

    private protected override VectorDataViewType OutputType(DataViewSchema.Column input) =>
        new(NumberDataViewType.Single, Head.OutputDimensions);

    private protected override void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input)
    {
        EmbeddingAnnotations.AddTrainedDimensions(builder, Head.TrainedDimensions);
        EmbeddingAnnotations.AddHeadFingerprint(builder, Head.Fingerprint);
    }

    private protected override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<VBuffer<float>> read = row.GetGetter<VBuffer<float>>(input);
        VBuffer<float> source = default;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
        {
            read(ref source);
            VBufferEditor<float> editor = VBufferEditor.Create(ref destination, Head.OutputDimensions);
            if (source.IsDense)
            {
                Head.Apply(source.GetValues(), editor.Values);
            }
            else
            {
                Head.Apply(source.GetIndices(), source.GetValues(), editor.Values);
            }
            destination = editor.Commit();
        });
    }

    private protected override void WriteOnnx(OnnxContext context, string input, string output, DataViewSchema.Column column)
    {
        context.CheckOpSetVersion(9, LoaderSignature);
        Head.WriteOnnx(context, input, output);
    }

    private static VersionInfo GetVersionInfo() => VersionOf<MrlTransformer>("MRLHEADT", LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static MrlTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings => new MrlTransformer(env.Register(nameof(MrlTransformer)), settings, ctx));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

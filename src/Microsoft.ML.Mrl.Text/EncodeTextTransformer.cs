using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(EncodeTextTransformer), null, typeof(SignatureLoadModel), "Text Encoder", EncodeTextTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(EncodeTextTransformer), null, typeof(SignatureLoadRowMapper), "Text Encoder",
    EncodeTextTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a transformer that turns text columns, such as query and document, into embeddings <c>[D]</c> with one encoder.
/// </summary>
/// <remarks>
/// A static encoder is managed code. Other encoders run with ONNX Runtime. A missing text is treated as an empty one. The output columns
/// have the trained dimensions and the fingerprint of the encoder as annotations. A cursor reads up to 1,024 rows ahead, or 16 MiB of their
/// values, and encodes their texts together when the first embedding is requested. The rows keep their order. Any number of cursors may run
/// at once. A prediction engine encodes one row at a time.
/// </remarks>
public sealed class EncodeTextTransformer : EmbeddingTransformer
{
    internal const string LoaderSignature = "MrlTextEncoder";
    private const string EncoderStream = "Encoder.bin";

    internal EncodeTextTransformer(
        IHostEnvironment environment, (string Output, string Input)[] columns, TextEncoder encoder, string? prompt = null)
        : base(environment.Register(nameof(EncodeTextTransformer)), columns)
    {
        Encoder = encoder;
        Prompt = prompt;
        // Refuses a prompt that the encoder has not.
        _ = encoder.PromptTexts.Text(prompt);
    }

    private EncodeTextTransformer(IHost host, BinaryReader settings, ModelLoadContext context)
        : base(host, settings)
    {
        // *** Binary format ***
        // <base: column pairs>
        // bool: whether a prompt is set; if so, string: its name
        // stream Encoder.bin: the encoder
        TextEncoder? encoder = null;
        host.CheckDecode(context.TryLoadBinaryStream(EncoderStream, reader => encoder = TextEncoder.Read(reader.BaseStream)));
        Encoder = encoder!;
        Prompt = settings.ReadBoolean() ? settings.ReadString() : null;
        host.CheckDecode(Prompt is null || Encoder.Prompts.ContainsKey(Prompt));
    }

    /// <summary>Gets the encoder.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>
    /// Gets the name of the prompt that is put before every text, or <see langword="null"/> for the encoder's default prompt.
    /// </summary>
    public string? Prompt { get; }

    /// <summary>Returns the input with the embeddings added. They are computed when a cursor requests them.</summary>
    /// <param name="input">Data with the text columns.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. After a request, cursors throw <see cref="OperationCanceledException"/>, at the
    /// latest after the batch of texts that they are encoding.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public IDataView Transform(IDataView input, CancellationToken cancellationToken) =>
        MakeView(MakeDataTransform(input), cancellationToken);

    private protected override IDataView MakeView(RowToRowMapperTransform mapped) => MakeView(mapped, CancellationToken.None);

    private protected override void CheckInput(DataViewSchema.Column column) => TextSchema.RequireText(column);

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override void SaveSettings(BinaryWriter settings)
    {
        settings.Write(Prompt is not null);
        if (Prompt is { } prompt)
        {
            settings.Write(prompt);
        }
    }

    private protected override void SaveContent(ModelSaveContext context) =>
        context.SaveBinaryStream(EncoderStream, writer => Encoder.Write(writer.BaseStream));

    private protected override VectorDataViewType OutputType(DataViewSchema.Column input) =>
        new(NumberDataViewType.Single, Encoder.Dimensions);

    private protected override void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input)
    {
        EmbeddingAnnotations.AddTrainedDimensions(builder, Encoder.TrainedDimensions ?? (IEnumerable<int>)[]);
        EmbeddingAnnotations.AddHeadFingerprint(builder, Encoder.Fingerprint);
        if (Encoder.IsNormalized)
        {
            builder.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        }
    }

    private protected override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<ReadOnlyMemory<char>> read = row.GetGetter<ReadOnlyMemory<char>>(input);
        ReadOnlyMemory<char> text = default;
        var one = new string[1];
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
        {
            read(ref text);
            one[0] = text.ToString();
            VBufferEditor<float> editor = VBufferEditor.Create(ref destination, Encoder.Dimensions);
            Encoder.Encode(one, editor.Values, Prompt);
            destination = editor.Commit();
        });
    }

    private LookAheadView MakeView(RowToRowMapperTransform mapped, CancellationToken cancellationToken) =>
        new(Host, mapped, Encoder, Prompt, ColumnPairs, cancellationToken);

    private static VersionInfo GetVersionInfo() => VersionOf<EncodeTextTransformer>("MRLTEXTT", LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static EncodeTextTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings => new EncodeTextTransformer(env.Register(nameof(EncodeTextTransformer)), settings, ctx));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

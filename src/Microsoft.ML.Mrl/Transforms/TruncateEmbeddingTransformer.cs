using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(TruncateEmbeddingTransformer), null, typeof(SignatureLoadModel),
    "Truncate Embedding", TruncateEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(TruncateEmbeddingTransformer), null, typeof(SignatureLoadRowMapper),
    "Truncate Embedding", TruncateEmbeddingTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a transformer that cuts embeddings <c>[D]</c> to their first m values and, by default, rescales the prefix to unit length.
/// Create it with TruncateEmbedding.
/// </summary>
/// <remarks>
/// <para>
/// Rescaling is n(x) = x / max(|x|, 1e-12), so a prefix of zeros stays zero. NaN and infinity follow IEEE arithmetic: with unit length, a
/// NaN in the prefix makes every value of the result NaN, and an infinity makes its own value NaN and the finite ones 0. Values after the
/// prefix are not read.
/// </para>
/// <para>Rows are computed when a cursor asks for them, without allocations. Any number of cursors may run at once.</para>
/// </remarks>
public sealed class TruncateEmbeddingTransformer : EmbeddingTransformer
{
    internal const string LoaderSignature = "MrlTruncateEmbedding";

    private int _warned;

    internal TruncateEmbeddingTransformer(IHostEnvironment environment, (string Output, string Input)[] columns, int dimensions,
        EmbeddingNormalization normalization)
        : base(environment.Register(nameof(TruncateEmbeddingTransformer)), columns)
    {
        Dimensions = dimensions;
        Normalization = normalization;
    }

    private TruncateEmbeddingTransformer(IHost host, BinaryReader settings)
        : base(host, settings)
    {
        // *** Binary format ***
        // <base: column pairs>
        // int: dimensions
        // byte: normalization
        Dimensions = settings.ReadInt32();
        host.CheckDecode(Dimensions >= 1);
        Normalization = (EmbeddingNormalization)settings.ReadByte();
        host.CheckDecode(Enum.IsDefined(Normalization));
    }

    /// <summary>Gets the prefix length m that is kept.</summary>
    public int Dimensions { get; }

    /// <summary>Gets what happens after the cut.</summary>
    public EmbeddingNormalization Normalization { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override bool CanWriteOnnx => true;

    private protected override void SaveSettings(BinaryWriter settings)
    {
        settings.Write(Dimensions);
        settings.Write((byte)Normalization);
    }

    private protected override void CheckInput(DataViewSchema.Column column)
    {
        int width = SchemaErrors.EmbeddingWidth(column, "input", "inputSchema");
        if (Dimensions > width)
        {
            throw Host.Process(new ArgumentOutOfRangeException("dimensions", Dimensions,
                $"Cannot truncate to {Dimensions}: column '{column.Name}' has {width} values. Choose 1..{width}."));
        }
        if (EmbeddingAnnotations.TryGetTrainedDimensions(column, out MatryoshkaDimensions? trained) && Dimensions < trained.Smallest
            && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            using IChannel channel = Host.Start(nameof(TruncateEmbeddingTransformer));
            channel.Warning($"Column '{column.Name}' is cut to {Dimensions}, below its smallest trained dimension {trained.Smallest} " +
                $"(trained: {trained}). Expect poor quality, or train again with a smaller dimension.");
        }
    }

    private protected override VectorDataViewType OutputType(DataViewSchema.Column input) => new(NumberDataViewType.Single, Dimensions);

    private protected override void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input)
    {
        if (Normalization == EmbeddingNormalization.UnitLength)
        {
            builder.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        }
        if (input.HasSlotNames(((VectorDataViewType)input.Type).Size))
        {
            builder.AddSlotNames(Dimensions, (ref VBuffer<ReadOnlyMemory<char>> names) =>
                EmbeddingAnnotations.ReadSlotNames(input, Dimensions, ref names));
        }
        if (EmbeddingAnnotations.TryGetTrainedDimensions(input, out MatryoshkaDimensions? trained))
        {
            EmbeddingAnnotations.AddTrainedDimensions(builder, trained.Where(m => m <= Dimensions));
        }
        EmbeddingAnnotations.AddHeadFingerprint(builder, EmbeddingAnnotations.TryGetHeadFingerprint(input));
    }

    private protected override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<VBuffer<float>> read = row.GetGetter<VBuffer<float>>(input);
        VBuffer<float> source = default;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
        {
            read(ref source);
            Cut(in source, ref destination);
        });
    }

    private void Cut(in VBuffer<float> source, ref VBuffer<float> destination)
    {
        ReadOnlySpan<float> values = source.GetValues();
        if (source.IsDense)
        {
            if (destination.IsDense && destination.Length == Dimensions)
            {
                // As of every row but the first: the values are replaced where they lie, which an editor would only say again.
                ReadOnlySpan<float> old = destination.GetValues();
                Write(values[..Dimensions], MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(old), old.Length));
                return;
            }
            VBufferEditor<float> dense = VBufferEditor.Create(ref destination, Dimensions);
            Write(values[..Dimensions], dense.Values);
            destination = dense.Commit();
            return;
        }
        ReadOnlySpan<int> indices = source.GetIndices();
        int found = indices.BinarySearch(Dimensions);
        int kept = found < 0 ? ~found : found;
        if (Normalization == EmbeddingNormalization.UnitLength && HasNaN(values[..kept]))
        {
            // 0 / NaN is NaN: the slots that are not listed change too.
            VBufferEditor<float> all = VBufferEditor.Create(ref destination, Dimensions);
            all.Values.Fill(float.NaN);
            destination = all.Commit();
            return;
        }
        VBufferEditor<float> sparse = VBufferEditor.Create(ref destination, Dimensions, kept);
        Write(values[..kept], sparse.Values);
        if (kept < Dimensions)
        {
            indices[..kept].CopyTo(sparse.Indices);
        }
        destination = sparse.Commit();
    }

    private protected override void WriteOnnx(OnnxContext context, string input, string output, DataViewSchema.Column column)
    {
        context.CheckOpSetVersion(11, LoaderSignature);
        var nodes = new OnnxNodes(context);
        if (Normalization == EmbeddingNormalization.UnitLength)
        {
            OnnxCut.Rescale(nodes, OnnxCut.Prefix(nodes, input, Dimensions), output);
        }
        else
        {
            OnnxCut.Prefix(nodes, input, Dimensions, output);
        }
    }

    private void Write(ReadOnlySpan<float> source, Span<float> destination)
    {
        if (Normalization == EmbeddingNormalization.UnitLength)
        {
            UnitLength.Write(source, destination);
        }
        else
        {
            source.CopyTo(destination);
        }
    }

    /// <summary>
    /// Determines whether a value is NaN. The sum of squares is NaN only then, since squares of infinities of both signs are positive.
    /// </summary>
    private static bool HasNaN(ReadOnlySpan<float> values) => float.IsNaN(UnitLength.SumOfSquares(values));

    private static VersionInfo GetVersionInfo() => VersionOf<TruncateEmbeddingTransformer>("MRLTRUNC", LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static TruncateEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings =>
            new TruncateEmbeddingTransformer(env.Register(nameof(TruncateEmbeddingTransformer)), settings));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}

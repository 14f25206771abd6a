using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(AdaptiveClassifyTransformer), null, typeof(SignatureLoadModel), "Adaptive Classifier", AdaptiveClassifyTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(AdaptiveClassifyTransformer), null, typeof(SignatureLoadRowMapper), "Adaptive Classifier", AdaptiveClassifyTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Classifies an embedding column with an <see cref="AdaptiveClassifier"/>. Makes the columns <c>PredictedLabel</c> (a key over the classes, with their names), <c>Score</c> (for each class the cosine with its
/// centroid or, of linear classifiers, its probability, <c>[C]</c>, at the dimension used) and <c>Dimensions</c> (that dimension).
/// </summary>
/// <remarks>
/// Where the label was a key, the classes are in its order, so that predictions compare with it as long as all of its keys have rows. Scores of different rows may come from different dimensions: only those of one row compare. Managed code; a
/// vector with a NaN or an infinity is an error that names the row.
/// </remarks>
public sealed class AdaptiveClassifyTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "MrlAdaptiveClassifier";
    internal const string PredictedLabel = "PredictedLabel";
    internal const string Score = "Score";
    internal const string Dimensions = "Dimensions";
    private const string ClassifierStream = "Classifier.bin";

    internal AdaptiveClassifyTransformer(IHostEnvironment environment, AdaptiveClassifier classifier, string embeddingColumnName)
        : base(environment.Register(nameof(AdaptiveClassifyTransformer)))
    {
        Classifier = classifier;
        EmbeddingColumnName = embeddingColumnName;
    }

    private AdaptiveClassifyTransformer(IHost host, ModelLoadContext context)
        : base(host)
    {
        // *** Binary format ***
        // string: the embedding column
        // stream Classifier.bin: the classifier
        EmbeddingColumnName = context.Reader.ReadString();
        AdaptiveClassifier? classifier = null;
        host.CheckDecode(context.TryLoadBinaryStream(ClassifierStream, reader => classifier = AdaptiveClassifier.Load(reader.BaseStream)));
        Classifier = classifier!;
    }

    /// <summary>The classifier, its thresholds and its calibration.</summary>
    public AdaptiveClassifier Classifier { get; }

    /// <summary>The column that is classified.</summary>
    public string EmbeddingColumnName { get; }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(EmbeddingColumnName);
        ctx.SaveBinaryStream(ClassifierStream, writer => Classifier.Save(writer.BaseStream));
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "MRLADCLS",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(AdaptiveClassifyTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static AdaptiveClassifyTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new AdaptiveClassifyTransformer(env.Register(nameof(AdaptiveClassifyTransformer)), ctx);
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private sealed class Mapper : MapperBase
    {
        private readonly AdaptiveClassifyTransformer _parent;
        private readonly DataViewSchema.Column _embedding;

        public Mapper(AdaptiveClassifyTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), schema, parent)
        {
            _parent = parent;
            _embedding = SchemaErrors.Find(schema, parent.EmbeddingColumnName, "embedding", "inputSchema");
            int width = SchemaErrors.EmbeddingWidth(_embedding, "embedding", "inputSchema");
            if (width != parent.Classifier.InputDimensions)
            {
                throw SchemaErrors.Mismatch("inputSchema", "embedding", _embedding.Name, $"Vector<Single, {parent.Classifier.InputDimensions}> (the width the classifier was fitted on)", _embedding.Type.ToString()!);
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            ReadOnlyMemory<char>[] labels = [.. _parent.Classifier.Labels.Select(label => label.AsMemory())];
            var keyValues = new DataViewSchema.Annotations.Builder();
            keyValues.AddKeyValues(labels.Length, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> names) => new VBuffer<ReadOnlyMemory<char>>(labels.Length, labels).CopyTo(ref names));
            var slotNames = new DataViewSchema.Annotations.Builder();
            slotNames.AddSlotNames(labels.Length, (ref VBuffer<ReadOnlyMemory<char>> names) => new VBuffer<ReadOnlyMemory<char>>(labels.Length, labels).CopyTo(ref names));
            return
            [
                new DataViewSchema.DetachedColumn(PredictedLabel, new KeyDataViewType(typeof(uint), labels.Length), keyValues.ToAnnotations()),
                new DataViewSchema.DetachedColumn(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Length), slotNames.ToAnnotations()),
                new DataViewSchema.DetachedColumn(Dimensions, NumberDataViewType.Int32),
            ];
        }

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
        {
            // One classification serves all the columns of a row.
            disposer = null;
            var current = new Current(_parent.Classifier, input, _embedding);
            return
            [
                (ValueGetter<uint>)((ref uint value) => value = current.Read().Class),
                (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => new VBuffer<float>(_parent.Classifier.Labels.Count, current.Read().Scores).CopyTo(ref value)),
                (ValueGetter<int>)((ref int value) => value = current.Read().Used),
            ];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
            => CreateGetters(input, activeOutput, out disposer)[iinfo];

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            => column => column == _embedding.Index && Enumerable.Range(0, 3).Any(activeOutput);

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }

    private sealed class Current(AdaptiveClassifier classifier, DataViewRow input, DataViewSchema.Column embedding)
    {
        private ValueGetter<VBuffer<float>>? _getter;
        private VBuffer<float> _vector;
        private float[] _dense = new float[classifier.InputDimensions];
        private readonly float[] _prefix = new float[classifier.LongestPrefix];
        private long _position = -1;

        /// <summary>The scores, <c>[C]</c> and what the classifier needs room for.</summary>
        public float[] Scores { get; } = new float[classifier.Classifiers.ScoreStride];

        /// <summary>The class's key, from 1.</summary>
        public uint Class { get; private set; }

        public int Used { get; private set; }

        public Current Read()
        {
            if (_position == input.Position)
            {
                return this;
            }
            _getter ??= input.GetGetter<VBuffer<float>>(embedding);
            _getter(ref _vector);
            _vector.CopyTo(_dense);
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(_dense)))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The embedding column '{embedding.Name}' has a NaN or an infinity in row {input.Position} (counted from 0). Repair or filter out such rows."));
            }
            (int stage, int winner, _) = classifier.Classify(_dense, _prefix, Scores);
            Class = (uint)winner + 1;
            Used = classifier.Dimensions[stage];
            _position = input.Position;
            return this;
        }
    }
}

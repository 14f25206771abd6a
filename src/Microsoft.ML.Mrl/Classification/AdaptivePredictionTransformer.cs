using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(AdaptivePredictionTransformer), null, typeof(SignatureLoadModel), "Adaptive Classifier",
    AdaptivePredictionTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(IRowMapper), typeof(AdaptivePredictionTransformer), null, typeof(SignatureLoadRowMapper),
    "Adaptive Classifier", AdaptivePredictionTransformer.LoaderSignature)]

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a transformer that classifies a feature column with an <see cref="AdaptiveClassifier"/>. Its output columns are
/// <c>PredictedLabel</c>, a key over the classes with their names; <c>Score</c>, <c>[C]</c>, the cosine with the centroid of each class or,
/// for linear classifiers, its probability, at the dimension that was used; and <c>Dimensions</c>, that dimension.
/// </summary>
/// <remarks>
/// The names and annotations of <c>PredictedLabel</c> and <c>Score</c> are those of ML.NET's multiclass trainers, so that ML.NET's
/// evaluator, cross-validation and permutation feature importance work with them. If the label is a key, the classes are in its order, so
/// predictions can be compared with it as long as all of its keys have rows. Scores of different rows may come from different dimensions,
/// so only those of one row can be compared. A vector with a NaN or an infinity throws <see cref="InvalidOperationException"/> with a
/// message that names the row.
/// </remarks>
public sealed class AdaptivePredictionTransformer : RowToRowTransformerBase, ISingleFeaturePredictionTransformer<AdaptiveClassifier>
{
    internal const string LoaderSignature = "MrlAdaptiveClassifier";
    internal const string PredictedLabel = "PredictedLabel";
    internal const string Score = "Score";
    internal const string Dimensions = "Dimensions";
    private const string ClassifierStream = "Classifier.bin";

    internal AdaptivePredictionTransformer(IHostEnvironment environment, AdaptiveClassifier classifier, string featureColumnName)
        : base(environment.Register(nameof(AdaptivePredictionTransformer)))
    {
        Model = classifier;
        FeatureColumnName = featureColumnName;
    }

    private AdaptivePredictionTransformer(IHost host, BinaryReader settings, ModelLoadContext context)
        : base(host)
    {
        // *** Binary format *** of the checksummed settings
        // string: the feature column
        // stream Classifier.bin: the classifier
        FeatureColumnName = settings.ReadString();
        AdaptiveClassifier? classifier = null;
        host.CheckDecode(context.TryLoadBinaryStream(ClassifierStream, reader => classifier = AdaptiveClassifier.Load(reader.BaseStream)));
        Model = classifier!;
    }

    /// <summary>Gets the classifier, with its thresholds and its calibration.</summary>
    public AdaptiveClassifier Model { get; }

    internal string FeatureColumnName { get; }

    string ISingleFeaturePredictionTransformer<AdaptiveClassifier>.FeatureColumnName => FeatureColumnName;

    DataViewType ISingleFeaturePredictionTransformer<AdaptiveClassifier>.FeatureColumnType =>
        new VectorDataViewType(NumberDataViewType.Single, Model.InputDimensions);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        StepSettings.Write(ctx, settings => settings.Write(FeatureColumnName));
        ctx.SaveBinaryStream(ClassifierStream, writer => Model.Save(writer.BaseStream));
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "MRLADCLS",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010002,
        loaderAssemblyName: typeof(AdaptivePredictionTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    // Found by ML.NET through reflection, for SignatureLoadModel.
    private static AdaptivePredictionTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return StepSettings.Read(ctx, settings =>
            new AdaptivePredictionTransformer(env.Register(nameof(AdaptivePredictionTransformer)), settings, ctx));
    }

    // Found by ML.NET through reflection, for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly AdaptivePredictionTransformer _parent;
        private readonly DataViewSchema.Column _features;

        public Mapper(AdaptivePredictionTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), schema, parent)
        {
            _parent = parent;
            _features = SchemaErrors.Find(schema, parent.FeatureColumnName, "feature", "inputSchema");
            int width = SchemaErrors.EmbeddingWidth(_features, "feature", "inputSchema");
            if (width != parent.Model.InputDimensions)
            {
                throw SchemaErrors.Mismatch("inputSchema", "embedding", _features.Name,
                    $"Vector<Single, {parent.Model.InputDimensions}> (the width the classifier was fitted on)", _features.Type.ToString()!);
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            ReadOnlyMemory<char>[] labels = [.. _parent.Model.Labels.Select(label => label.AsMemory())];
            uint set = InputSchema.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;
            DataViewSchema.Annotations.Builder keyValues = Annotated(AnnotationUtils.Const.ScoreValueKind.PredictedLabel);
            keyValues.AddKeyValues(labels.Length, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> names) => Names(ref names));
            DataViewSchema.Annotations.Builder slotNames = Annotated(AnnotationUtils.Const.ScoreValueKind.Score);
            slotNames.AddSlotNames(labels.Length, (ref VBuffer<ReadOnlyMemory<char>> names) => Names(ref names));
            return
            [
                new DataViewSchema.DetachedColumn(PredictedLabel, new KeyDataViewType(typeof(uint), labels.Length),
                    keyValues.ToAnnotations()),
                new DataViewSchema.DetachedColumn(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Length),
                    slotNames.ToAnnotations()),
                new DataViewSchema.DetachedColumn(Dimensions, NumberDataViewType.Int32),
            ];

            void Names(ref VBuffer<ReadOnlyMemory<char>> names) =>
                new VBuffer<ReadOnlyMemory<char>>(labels.Length, labels).CopyTo(ref names);

            DataViewSchema.Annotations.Builder Annotated(string valueKind)
            {
                var builder = new DataViewSchema.Annotations.Builder();
                builder.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = set);
                Add(AnnotationUtils.Kinds.ScoreColumnKind, AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification);
                Add(AnnotationUtils.Kinds.ScoreValueKind, valueKind);
                return builder;

                void Add(string kind, string text) =>
                    builder.Add(kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
            }
        }

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
        {
            // One classification serves all the columns of a row.
            disposer = null;
            var current = new Current(_parent.Model, input, _features);
            return
            [
                (ValueGetter<uint>)((ref uint value) => value = current.Read().Class),
                (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                    new VBuffer<float>(_parent.Model.Labels.Count, current.Read().Scores).CopyTo(ref value)),
                (ValueGetter<int>)((ref int value) => value = current.Read().Used),
            ];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
            => CreateGetters(input, activeOutput, out disposer)[iinfo];

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            => column => column == _features.Index && Enumerable.Range(0, 3).Any(activeOutput);

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);

        public bool CanSaveOnnx(OnnxContext ctx) => true;

        public void SaveAsOnnx(OnnxContext ctx)
        {
            DataViewSchema.DetachedColumn[] columns = GetOutputColumnsCore();
            if (!ctx.ContainsColumn(_parent.FeatureColumnName))
            {
                Array.ForEach(columns, column => ctx.RemoveColumn(column.Name));
                return;
            }
            ctx.CheckOpSetVersion(11, LoaderSignature);
            string input = ctx.GetVariableName(_parent.FeatureColumnName);
            string[] outputs = [.. columns.Select(column => ctx.AddIntermediateVariable(column.Type, column.Name))];
            AdaptiveOnnx.Write(new OnnxNodes(ctx), _parent.Model, input, outputs[0], outputs[1], outputs[2]);
        }
    }

    private sealed class Current(AdaptiveClassifier classifier, DataViewRow input, DataViewSchema.Column features)
    {
        private ValueGetter<VBuffer<float>>? _getter;
        private VBuffer<float> _vector;
        private float[] _dense = new float[classifier.InputDimensions];
        private long _position = -1;

        /// <summary>The scores, <c>[C]</c> and what the classifier needs room for.</summary>
        public float[] Scores { get; } = new float[classifier.Classifiers.ScoreStride];

        /// <summary>Gets the class's key, from 1.</summary>
        public uint Class { get; private set; }

        public int Used { get; private set; }

        public Current Read()
        {
            if (_position == input.Position)
            {
                return this;
            }
            _getter ??= input.GetGetter<VBuffer<float>>(features);
            _getter(ref _vector);
            _vector.CopyTo(_dense);
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(_dense)))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The feature column '{features.Name}' has a NaN or an infinity in row {input.Position} (counted from 0). Repair or " +
                        $"filter out such rows."));
            }
            (int stage, int winner, _) = classifier.Stages.Classify(_dense, Scores);
            Class = (uint)winner + 1;
            Used = classifier.Dimensions[stage];
            _position = input.Position;
            return this;
        }
    }
}

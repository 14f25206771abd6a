using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Transforms;
using Microsoft.ML.Mrl.Transforms.Views;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the base class of this library's transformers of embeddings, which compute one output column from each input column.
/// </summary>
/// <remarks>
/// Saving, loading, column pairs and views are the same for all of them and are written here once; a derived class says what it keeps,
/// which columns it takes, and how it computes a row. Rows are computed when a cursor asks for them; any number of cursors may run at once.
/// </remarks>
public abstract class EmbeddingTransformer : OneToOneTransformerBase, ITransformer
{
    private protected EmbeddingTransformer(IHost host, (string Output, string Input)[] columns)
        : base(host, columns)
    {
    }

    private protected EmbeddingTransformer(IHost host, BinaryReader settings)
        : base(host, ReadColumns(settings))
    {
        // *** Binary format *** of the checksummed settings
        // int: number of column pairs
        // for each, string: output column, string: input column
        // what the derived class adds in SaveSettings
    }

    /// <summary>Returns the input with the output columns added; their values are computed when a cursor asks for them.</summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing, or is of a type or width that does not fit.</exception>
    public new IDataView Transform(IDataView input) => MakeView(MakeDataTransform(input));

    /// <summary>Gets the name and version of the saved form.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>Gets a value indicating whether <see cref="WriteOnnx"/> can write this step.</summary>
    private protected virtual bool CanWriteOnnx => false;

    /// <summary>
    /// Returns the view that <see cref="Transform"/> returns. By default, it computes each row when it is requested, which suits work that
    /// costs less than passing the row to another thread.
    /// </summary>
    private protected virtual IDataView MakeView(RowToRowMapperTransform mapped) => new UnsplitView(Host, mapped);

    /// <summary>Writes the settings besides the column pairs, which a checksum covers with them. By default, there are none.</summary>
    private protected virtual void SaveSettings(BinaryWriter settings)
    {
    }

    /// <summary>Writes learned numbers, each stream with a checksum of its own. By default, there are none.</summary>
    private protected virtual void SaveContent(ModelSaveContext context)
    {
    }

    /// <summary>Refuses a column of a type or width that does not fit, and warns of one that fits badly.</summary>
    private protected abstract void CheckInput(DataViewSchema.Column input);

    /// <summary>Returns the type of the output for an input that was checked.</summary>
    private protected abstract VectorDataViewType OutputType(DataViewSchema.Column input);

    /// <summary>Adds the annotations of the output for an input that was checked.</summary>
    private protected abstract void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input);

    /// <summary>Makes the getter of one output column. Each getter is called from one thread at a time, and many getters at once.</summary>
    /// <param name="row">The row that is read.</param>
    /// <param name="input">The input column of that row.</param>
    private protected abstract Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input);

    /// <summary>Writes the nodes that make one output variable of one input variable.</summary>
    /// <param name="context">The graph.</param>
    /// <param name="input">The variable to read, <c>[N, D]</c>.</param>
    /// <param name="output">The variable to make.</param>
    /// <param name="column">The input column, which was checked.</param>
    private protected virtual void WriteOnnx(OnnxContext context, string input, string output, DataViewSchema.Column column) =>
        throw new NotSupportedException();

    private protected sealed override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        StepSettings.Write(ctx, settings =>
        {
            settings.Write(ColumnPairs.Length);
            foreach ((string output, string input) in ColumnPairs)
            {
                settings.Write(output);
                settings.Write(input);
            }
            SaveSettings(settings);
        });
        SaveContent(ctx);
    }

    private protected sealed override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected sealed override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol) =>
        CheckInput(inputSchema[srcCol]);

    /// <summary>Returns the version information of a transformer's format.</summary>
    /// <typeparam name="T">The transformer.</typeparam>
    /// <param name="modelSignature">Eight characters.</param>
    /// <param name="loaderSignature">The name under which ML.NET finds the loader.</param>
    /// <param name="version">The version that is written, and the oldest that is read.</param>
    private protected static VersionInfo VersionOf<T>(string modelSignature, string loaderSignature, uint version = 0x00010002)
        where T : EmbeddingTransformer
        => new(modelSignature, verWrittenCur: version, verReadableCur: version, verWeCanReadBack: version,
            loaderAssemblyName: typeof(T).Assembly.FullName, loaderSignature: loaderSignature);

    private static (string Output, string Input)[] ReadColumns(BinaryReader settings)
    {
        var columns = new List<(string Output, string Input)>();
        for (int left = ChecksummedFrame.ReadPositive(settings, "step's number of columns"); left > 0; left--)
        {
            columns.Add((settings.ReadString(), settings.ReadString()));
        }
        return [.. columns];
    }

    private sealed class Mapper(EmbeddingTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema), ISaveAsOnnx
    {
        public bool CanSaveOnnx(OnnxContext ctx) => parent.CanWriteOnnx;

        public void SaveAsOnnx(OnnxContext ctx)
        {
            // All inputs first: an output may take the name of a later input.
            string?[] sources = [.. parent.ColumnPairs.Select(c => ctx.ContainsColumn(c.inputColumnName)
                ? ctx.GetVariableName(c.inputColumnName) : null)];
            for (int i = 0; i < sources.Length; i++)
            {
                string output = parent.ColumnPairs[i].outputColumnName;
                if (sources[i] is not { } source)
                {
                    ctx.RemoveColumn(output);
                    continue;
                }
                parent.WriteOnnx(ctx, source, ctx.AddIntermediateVariable(parent.OutputType(Input(i)), output), Input(i));
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var columns = new DataViewSchema.DetachedColumn[parent.ColumnPairs.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                var builder = new DataViewSchema.Annotations.Builder();
                parent.AddAnnotations(builder, Input(i));
                columns[i] = new DataViewSchema.DetachedColumn(parent.ColumnPairs[i].outputColumnName, parent.OutputType(Input(i)),
                    builder.ToAnnotations());
            }
            return columns;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            return parent.MakeGetter(input, input.Schema[ColMapNewToOld[iinfo]]);
        }

        private DataViewSchema.Column Input(int i) => InputSchema[ColMapNewToOld[i]];
    }
}

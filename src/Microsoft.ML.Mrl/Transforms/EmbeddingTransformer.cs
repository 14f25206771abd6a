using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>What every transformer from embedding columns to embedding columns does the same way.</summary>
/// <remarks>Derived classes are public and sealed; this class only carries ML.NET's row-mapper grammar.</remarks>
public abstract class EmbeddingTransformer : OneToOneTransformerBase
{
    private protected EmbeddingTransformer(IHost host, (string Output, string Input)[] columns)
        : base(host, columns)
    {
    }

    private protected EmbeddingTransformer(IHost host, ModelLoadContext context)
        : base(host, context)
    {
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        (DataViewSchema.Column column, int width) = EmbeddingSchema.FindEmbedding(inputSchema, inputSchema[srcCol].Name);
        CheckInput(column, width);
    }

    /// <summary>Refuses a column of a width that does not fit, and warns of one that fits badly.</summary>
    private protected abstract void CheckInput(DataViewSchema.Column column, int width);

    /// <summary>The width of the output for an input of a width.</summary>
    private protected abstract int OutputWidth(int inputWidth);

    private protected abstract void AddAnnotations(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input);

    /// <summary>Computes one row. Called from one thread at a time for one getter, and for many getters at once.</summary>
    private protected abstract void Transform(in VBuffer<float> source, ref VBuffer<float> destination);

    private protected abstract void WriteOnnx(OnnxContext context, string input, string output, VectorDataViewType type);

    private sealed class Mapper(EmbeddingTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema), ISaveAsOnnx
    {
        public bool CanSaveOnnx(OnnxContext ctx) => true;

        public void SaveAsOnnx(OnnxContext ctx)
        {
            // All inputs first: an output may take the name of a later input.
            string?[] sources = [.. parent.ColumnPairs.Select(c => ctx.ContainsColumn(c.inputColumnName) ? ctx.GetVariableName(c.inputColumnName) : null)];
            for (int i = 0; i < sources.Length; i++)
            {
                string output = parent.ColumnPairs[i].outputColumnName;
                if (sources[i] is not { } source)
                {
                    ctx.RemoveColumn(output);
                    continue;
                }
                VectorDataViewType type = OutputType(i);
                parent.WriteOnnx(ctx, source, ctx.AddIntermediateVariable(type, output), type);
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var columns = new DataViewSchema.DetachedColumn[parent.ColumnPairs.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                var builder = new DataViewSchema.Annotations.Builder();
                parent.AddAnnotations(builder, InputSchema[ColMapNewToOld[i]]);
                columns[i] = new DataViewSchema.DetachedColumn(parent.ColumnPairs[i].outputColumnName, OutputType(i), builder.ToAnnotations());
            }
            return columns;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            ValueGetter<VBuffer<float>> read = input.GetGetter<VBuffer<float>>(input.Schema[ColMapNewToOld[iinfo]]);
            VBuffer<float> source = default;
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
            {
                read(ref source);
                parent.Transform(in source, ref destination);
            });
        }

        private VectorDataViewType OutputType(int i)
        {
            int width = ((VectorDataViewType)InputSchema[ColMapNewToOld[i]].Type).Size;
            return new VectorDataViewType(NumberDataViewType.Single, parent.OutputWidth(width));
        }
    }
}

using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms.Views;

/// <summary>
/// Represents a view with the columns of a row mapper, whose cursors are its own. Otherwise it equals ML.NET's row-mapper view.
/// </summary>
internal abstract class MappedView : RowToRowTransformBase, IRowToRowMapper, ITransformCanSaveOnnx, ITransformTemplate
{
    private readonly RowToRowMapperTransform _mapped;

    protected MappedView(IHostEnvironment environment, string name, RowToRowMapperTransform mapped)
        : base(environment, name, mapped.Source)
    {
        _mapped = mapped;
    }

    public override DataViewSchema OutputSchema => _mapped.OutputSchema;

    public DataViewSchema InputSchema => Source.Schema;

    private IRowToRowMapper Mapper => _mapped;

    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return [.. Source.GetRowCursorSet(GetDependencies(columns), n, rand).Select(source => MakeCursor(source, columns))];
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        Mapper.GetDependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => Mapper.GetRow(input, activeColumns);

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => ((ICanSaveOnnx)_mapped).CanSaveOnnx(ctx);

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => ((ISaveAsOnnx)_mapped).SaveAsOnnx(ctx);

    IDataTransform ITransformTemplate.ApplyToData(IHostEnvironment env, IDataView newSource) =>
        Over(env, (RowToRowMapperTransform)((ITransformTemplate)_mapped).ApplyToData(env, newSource));

    private protected override void SaveModel(ModelSaveContext ctx) => ((ICanSaveModel)_mapped).Save(ctx);

    /// <summary>Returns the same view over another source.</summary>
    protected abstract MappedView Over(IHostEnvironment environment, RowToRowMapperTransform mapped);

    /// <summary>Returns a cursor over a source cursor that ends with it. By default, it computes each row when it is requested.</summary>
    protected virtual DataViewRowCursor MakeCursor(DataViewRowCursor source, IReadOnlyCollection<DataViewSchema.Column> columnsNeeded) =>
        new Cursor(Host, source, this, columnsNeeded);

    // Null: parallel only if the source is.
    protected override bool? ShouldUseParallelCursors(Func<int, bool> predicate) => null;

    protected override DataViewRowCursor GetRowCursorCore(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return MakeCursor(Source.GetRowCursor(GetDependencies(columns), rand), columns);
    }

    private sealed class Cursor : SynchronizedCursorBase
    {
        // Holds nothing but the getters and the source cursor, which is disposed with this one.
        private readonly DataViewRow _row;
        private readonly bool[] _active;

        public Cursor(IChannelProvider provider, DataViewRowCursor source, MappedView view,
            IEnumerable<DataViewSchema.Column> columnsNeeded)
            : base(provider, source)
        {
            _row = view.GetRow(source, columnsNeeded);
            _active = new bool[view.OutputSchema.Count];
            foreach (DataViewSchema.Column column in columnsNeeded)
            {
                _active[column.Index] = true;
            }
        }

        public override DataViewSchema Schema => _row.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.Check(IsColumnActive(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
            return _row.GetGetter<TValue>(column);
        }
    }
}

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Reads the columns of an objective, once, in order, and nothing else.</summary>
internal static class ExampleReader
{
    /// <summary>Reads into the storage of the defaults.</summary>
    public static ExampleSet Read(IDataView data, string inputColumnName, RoleColumns roles, CancellationToken cancellation) =>
        Read(data, null, inputColumnName, roles, RowStorage.Of(), cancellation);

    /// <summary>Reads into a storage.</summary>
    public static ExampleSet Read(
        IDataView data, string inputColumnName, RoleColumns roles, RowStorage storage, CancellationToken cancellation) =>
        Read(data, null, inputColumnName, roles, storage, cancellation);

    /// <summary>
    /// Reads rows to train on, and after them rows to hold back, into a storage; gives up what was read if anything goes wrong.
    /// </summary>
    public static ExampleSet Read(
        IDataView data, IDataView? validation, string inputColumnName, RoleColumns roles, RowStorage storage,
        CancellationToken cancellation) =>
        Read(data, validation, inputColumnName, roles, storage, null, cancellation);

    /// <summary>The same, with texts in the embedded columns where there is something to keep them.</summary>
    public static ExampleSet Read(
        IDataView data, IDataView? validation, string inputColumnName, RoleColumns roles, RowStorage storage, ITextColumns? texts,
        CancellationToken cancellation)
    {
        bool areTexts = texts is not null;
        var training = new ExampleColumns(data.Schema, inputColumnName, roles, "inputSchema", "", areTexts);
        ExampleColumns? held = validation is null
            ? null
            : new ExampleColumns(validation.Schema, inputColumnName, roles, nameof(validation), $" of {nameof(validation)}", areTexts);
        held?.RequireWidthsOf(training);
        using var builder = new ExampleBuilder(
            training, roles, storage, data.GetRowCount() + (validation is null ? 0 : validation.GetRowCount()), texts, cancellation);
        builder.Add(data, training);
        int? start = null;
        if (held is not null)
        {
            start = builder.Count;
            builder.Add(validation!, held);
        }
        return builder.Build(start);
    }
}

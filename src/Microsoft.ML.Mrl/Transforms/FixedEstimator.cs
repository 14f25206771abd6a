using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Represents an estimator whose transformer does not depend on the rows. Fitting only checks the schema.</summary>
/// <typeparam name="TTransformer">The type of the transformer.</typeparam>
internal abstract class FixedEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : EmbeddingTransformer
{
    /// <summary>Initializes a new instance of the <see cref="FixedEstimator{TTransformer}"/> class.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="name">The name of the estimator.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="make">Makes the transformer and checks its settings.</param>
    protected FixedEstimator(
        IHostEnvironment environment, string name, (string Output, string Input)[] columns, Func<IHost, TTransformer> make)
    {
        Host = environment.Register(name);
        Columns = columns;
        Transformer = make(Host);
    }

    protected IHost Host { get; }

    protected (string Output, string Input)[] Columns { get; }

    protected TTransformer Transformer { get; }

    /// <summary>Checks the input schema and returns the transformer. No row is read.</summary>
    /// <param name="input">Data with the input columns.</param>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Transformer.GetOutputSchema(input.Schema);
        return Transformer;
    }

    /// <inheritdoc/>
    public abstract SchemaShape GetOutputSchema(SchemaShape inputSchema);
}

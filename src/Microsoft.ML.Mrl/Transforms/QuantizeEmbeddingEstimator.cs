using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>
/// Represents the step that stores embeddings in fewer bytes. It finds the ranges of signed bytes by fitting if none are given.
/// </summary>
internal sealed class QuantizeEmbeddingEstimator : IEstimator<QuantizeEmbeddingTransformer>
{
    private const int FewRows = 100;

    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly EmbeddingType _type;
    private readonly int? _dimensions;
    private readonly Int8Ranges? _ranges;

    public QuantizeEmbeddingEstimator(IHostEnvironment environment, (string Output, string Input)[] columns, EmbeddingType type,
        int? dimensions, Int8Ranges? ranges)
    {
        _host = environment.Register(nameof(QuantizeEmbeddingEstimator));
        if (type == EmbeddingType.Single || !Enum.IsDefined(type))
        {
            throw _host.Process(new ArgumentOutOfRangeException(nameof(type), type,
                type == EmbeddingType.Single
                    ? "Embeddings are in single precision as they come. Choose Half, Int8 or Binary, or TruncateEmbedding to cut them " +
                        "alone."
                    : $"Type {type} is not known. Choose Half, Int8 or Binary."));
        }
        if (dimensions < 1)
        {
            throw _host.Process(new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                string.Create(CultureInfo.InvariantCulture,
                    $"Cannot truncate to {dimensions}: a prefix has at least 1 value. Choose 1 or more.")));
        }
        if (ranges is not null && type != EmbeddingType.Int8)
        {
            throw _host.Process(new ArgumentException($"Ranges are for Int8; {type} needs none. Leave them out.", nameof(ranges)));
        }
        if (ranges is not null && dimensions is { } m && ranges.Dimensions != m)
        {
            throw _host.Process(new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The ranges are of {ranges.Dimensions} dimensions, but {m} are to be kept. Give ranges of the prefix that is kept."),
                    nameof(ranges)));
        }
        _columns = columns;
        _type = type;
        _dimensions = dimensions;
        _ranges = ranges;
    }

    /// <summary>
    /// Checks the input and, for signed bytes without ranges, reads the columns once to find the ranges of each dimension, which all
    /// columns share.
    /// </summary>
    /// <param name="input">Data with the input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing, is not a known-size vector of Single, or has another width than asked for; or columns that are to share ranges
    /// differ in width.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are no rows to find ranges in, or a vector has a NaN or an infinity.</exception>
    public QuantizeEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Int8Ranges? ranges = _type == EmbeddingType.Int8 ? _ranges ?? Calibrate(input) : null;
        var transformer = new QuantizeEmbeddingTransformer(_host, _columns, _type, _dimensions, ranges);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => EmbeddingSchema.AddOutputs(inputSchema, _columns,
        (output, input) =>
        {
            SchemaShape.Column column = EmbeddingSchema.FindEmbedding(_host, inputSchema, input);
            IEnumerable<SchemaShape.Column> carried = EmbeddingSchema.CarriedAnnotations(
                column, hasSlotNames: _type != EmbeddingType.Binary);
            return new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, EmbeddingTypes.ItemType(_type), false,
                new SchemaShape(QuantizationAnnotations.Shapes(_type).Concat(carried)));
        });

    private Int8Ranges Calibrate(IDataView input)
    {
        (DataViewSchema.Column Column,
            int Width)[] sources = [.. _columns.Select(pair => EmbeddingSchema.FindEmbedding(input.Schema, pair.Input))];
        foreach ((DataViewSchema.Column column, int width) in sources)
        {
            QuantizeEmbeddingTransformer.CheckWidth(_host, column, width, _dimensions);
            if (_dimensions is null && width != sources[0].Width)
            {
                throw _host.Process(new ArgumentOutOfRangeException(nameof(input), width, string.Create(
                    CultureInfo.InvariantCulture,
                    $"Columns of one step share their ranges, but '{sources[0].Column.Name}' has {sources[0].Width} values and " +
                        $"'{column.Name}' has {width}. Cut both to one number of dimensions, or use two steps.")));
            }
        }
        var counter = new RangeCounter(_dimensions ?? sources[0].Width);
        EmbeddingQuantizer[] quantizers = [.. sources.Select(source =>
            new EmbeddingQuantizer(source.Column.Name, _dimensions, source.Width))];
        VBuffer<float> buffer = default;
        using (DataViewRowCursor cursor = input.GetRowCursor(sources.Select(source => source.Column)))
        {
            ValueGetter<VBuffer<float>>[] getters = [.. sources.Select(source => cursor.GetGetter<VBuffer<float>>(source.Column))];
            while (cursor.MoveNext())
            {
                for (int i = 0; i < getters.Length; i++)
                {
                    getters[i](ref buffer);
                    counter.Add(quantizers[i].Prepare(in buffer, cursor.Position, EmbeddingType.Int8));
                }
            }
        }
        if (counter.Rows == 0)
        {
            throw _host.Process(new InvalidOperationException("Cannot find the ranges of signed bytes: the data to fit has no rows. Fit " +
                "on rows like those to come, or give ranges."));
        }
        if (counter.Rows < FewRows)
        {
            using IChannel channel = _host.Start(nameof(QuantizeEmbeddingEstimator));
            channel.Warning("The ranges of signed bytes are from {0} vectors alone. What comes later will often lie outside them; {1} or " +
                "more are better.", counter.Rows, FewRows);
        }
        return counter.ToRanges();
    }
}

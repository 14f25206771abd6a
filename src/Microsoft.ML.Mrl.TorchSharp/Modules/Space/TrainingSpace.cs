using System.Numerics.Tensors;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Space;

/// <summary>
/// Represents the principal coordinates that heads are trained in: z = (x − mean) · directions / scale, with a mean length of 1, so that
/// learning rates mean the same for vectors of any size.
/// </summary>
internal sealed class TrainingSpace : IDisposable
{
    /// <summary>The maximum number of coordinates of wide inputs; what lies beyond is noise for the heads.</summary>
    public const int MaxCoordinates = 1024;

    /// <summary>The maximum number of values of the directions of wide inputs. Beyond it, fewer coordinates are used.</summary>
    private const long MaxDirectionValues = 1L << 27;

    private readonly PrincipalComponents _components;
    private readonly Dictionary<VectorRole, RowStore> _coordinates;
    private readonly Lazy<float[]?> _meanBehind;

    private TrainingSpace(
        PrincipalComponents components, Dictionary<VectorRole, RowStore> coordinates, double scale, Tensor variances)
    {
        Variances = variances;
        _components = components;
        _coordinates = coordinates;
        _meanBehind = new Lazy<float[]?>(() => MeanBehind.Directions(CentreCoordinates(), variances.data<double>().ToArray()));
        Roles = [.. coordinates.Keys.Order()];
        Scale = scale;
    }

    /// <summary>Gets the number of coordinates R.</summary>
    public int Width => (int)_components.Directions.shape[1];

    /// <summary>Gets the vector columns that the head maps, in order.</summary>
    public IReadOnlyList<VectorRole> Roles { get; }

    /// <summary>Gets the mean length of the centred inputs that the components were taken from.</summary>
    public double Scale { get; }

    /// <summary>Gets the mean square of each coordinate of those inputs, which add up to 1, <c>[R]</c> in double precision.</summary>
    public Tensor Variances { get; }

    /// <summary>Finds the coordinates of examples.</summary>
    /// <param name="examples">The examples; all of their vectors count, but not a teacher's.</param>
    /// <param name="outputs">The width D_out that a head will have, the least number of coordinates where there are enough.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide inputs.</param>
    /// <param name="storage">Where the coordinates lie, or null for the default.</param>
    /// <param name="fitted">
    /// The rows that mean, directions and scale are taken from, ascending: those that are held back must say nothing about where training
    /// starts. Null for all.
    /// </param>
    public static TrainingSpace Of(ExampleSet examples, int outputs, Random random, RowStorage? storage = null, int[]? fitted = null)
    {
        // Sums over all rows are parted among threads, so that their last bits depend on how many there are.
        using ThreadLimit one = ThreadLimit.ToOne();
        storage ??= RowStorage.Of();
        KeyValuePair<VectorRole, VectorRows>[] embedded = [.. examples.Vectors.Where(v => v.Key.IsEmbedded).OrderBy(v => v.Key)];
        VectorRows[] sets = [.. embedded.Select(v => v.Value)];
        fitted = fitted?.Length == examples.Count ? null : fitted;
        PrincipalComponents components = Decompose(
            fitted is null ? sets : Array.ConvertAll(sets, set => Choose(set, fitted)), outputs, random);
        var coordinates = new Dictionary<VectorRole, RowStore>();
        try
        {
            int width = (int)components.Directions.shape[1];
            storage.RequireCoordinates(sets.Sum(s => (long)s.Count) * width * sizeof(float));
            double squares = 0;
            using Tensor byCoordinate = zeros(width, ScalarType.Float64);
            foreach ((VectorRole role, VectorRows rows) in embedded)
            {
                var store = new RowStore(width, storage, RowStorage.Purpose.Coordinates);
                coordinates.Add(role, store);
                int next = 0;
                components.Project(rows, block =>
                {
                    int first = store.Count;
                    store.Append(block.Values());
                    Tensor? within = fitted is null ? null : Within(fitted, ref next, first, store.Count);
                    Tensor ofRows = block.RowSquares().to(ScalarType.Float64);
                    Tensor ofValues = block.mul(block);
                    if (within is not null)
                    {
                        (ofRows, ofValues) = (ofRows.index_select(0, within), ofValues.index_select(0, within));
                    }
                    squares += ofRows.sum().item<double>();
                    byCoordinate.Add(ofValues.sum(0, type: ScalarType.Float64));
                });
                store.Complete();
            }
            double scale = Math.Sqrt(squares / (fitted?.Length * (double)sets.Length ?? sets.Sum(s => (double)s.Count)));
            double sum = byCoordinate.data<double>().Sum();
            return new TrainingSpace(components, coordinates, scale > 0 ? scale : 1, byCoordinate.Times(sum > 0 ? 1 / sum : 1));
        }
        catch
        {
            Dispose(components, coordinates);
            throw;
        }
    }

    /// <summary>Returns the coordinates of some examples in a role that the head maps, <c>[B, R]</c>.</summary>
    public Tensor Coordinates(VectorRole role, ReadOnlySpan<int> rows) => Coordinates([role], rows);

    /// <summary>
    /// Returns the coordinates of some examples in every role that the head maps, one role below the other, <c>[roles · B, R]</c>.
    /// </summary>
    public Tensor Coordinates(ReadOnlySpan<int> rows) => Coordinates(Roles, rows);

    private Tensor Coordinates(IReadOnlyList<VectorRole> roles, ReadOnlySpan<int> rows)
    {
        Tensor batch = empty((long)roles.Count * rows.Length, Width);
        Span<float> rest = batch.Values();
        float factor = (float)(1 / Scale);
        foreach (VectorRole role in roles)
        {
            RowStore store = _coordinates[role];
            foreach (int row in rows)
            {
                store.ReadPrefix(row, rest[..store.Width]);
                TensorPrimitives.Multiply(rest[..store.Width], factor, rest[..store.Width]);
                rest = rest[store.Width..];
            }
        }
        return batch;
    }

    /// <summary>
    /// Turns a map of coordinates, y = scale · (z · map + bias), into a head on the inputs themselves.
    /// </summary>
    public LinearHead ToHead(Tensor map, Tensor bias, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = _components.Directions.mm(map);
        Tensor shift = bias.Times(Scale) - _components.Mean.unsqueeze(0).mm(weights).squeeze(0);
        return new LinearHead(RowProducts.ToArray(weights), RowProducts.ToArray(shift), dimensions, summary);
    }

    /// <summary>
    /// Turns a rotation of uncentred coordinates <c>[D, D]</c>, best in double precision, into a head on the inputs themselves. Needs all D
    /// coordinates.
    /// </summary>
    public OrthogonalHead ToOrthogonalHead(Tensor rotation, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = _components.Directions.to(ScalarType.Float64).mm(rotation.to(ScalarType.Float64)).to(ScalarType.Float32);
        return new OrthogonalHead(RowProducts.ToArray(weights), dimensions, summary);
    }

    /// <summary>
    /// Turns a map of coordinates and a hidden layer beside it, y = scale · (z · map + bias + relu(z · hiddenWeights + hiddenBias) ·
    /// outputWeights), into a head on the inputs themselves.
    /// </summary>
    public ResidualHead ToResidualHead(
        Tensor map, Tensor bias, Tensor hiddenWeights, Tensor hiddenBias, Tensor outputWeights, MatryoshkaDimensions dimensions,
        TrainingSummary? summary)
    {
        using DisposeScope scope = NewDisposeScope();
        LinearHead direct = ToHead(map, bias, dimensions, summary);
        Tensor weights = _components.Directions.mm(hiddenWeights).Times(1 / Scale);
        Tensor shift = hiddenBias.Plus(_components.Mean.unsqueeze(0).mm(weights).squeeze(0).neg());
        return new ResidualHead(
            direct.Weights.ToArray(), direct.Bias.ToArray(), RowProducts.ToArray(weights), RowProducts.ToArray(shift),
            RowProducts.ToArray(outputWeights.Times(Scale)),
            dimensions, summary);
    }

    /// <summary>Returns the map <c>[R, D_out]</c> and bias of coordinates that stand for the PCA prefix.</summary>
    /// <param name="outputs">The width D_out.</param>
    /// <param name="keepsCentre">
    /// Whether to give back what centring took, so that the full vectors keep their cosines, see <see cref="MeanBehind"/>.
    /// </param>
    public (Tensor Map, Tensor Bias) PcaMap(int outputs, bool keepsCentre = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = keepsCentre && _meanBehind.Value is { } directions
            ? MeanBehind.Place(tensor(directions, [Width, Width]), outputs) : eye(Width, outputs);
        Tensor bias = keepsCentre ? CentreCoordinates().unsqueeze(0).mm(map).squeeze(0) : zeros(outputs);
        return (map.MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Returns the map and bias of coordinates that stand for the first values of the inputs, or the nearest to them where there are not as
    /// many coordinates as values.
    /// </summary>
    public (Tensor Map, Tensor Bias) IdentityMap(int outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = _components.Directions.narrow(0, 0, outputs).t().contiguous();
        Tensor bias = _components.Mean.narrow(0, 0, outputs).Times(1 / Scale);
        return (map.MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }

    /// <summary>Returns the coordinates of the mean itself, which centring took from all others, <c>[R]</c>.</summary>
    public Tensor CentreCoordinates()
    {
        using DisposeScope scope = NewDisposeScope();
        return _components.Mean.unsqueeze(0).mm(_components.Directions).squeeze(0).Times(1 / Scale).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Variances.Dispose();
        Dispose(_components, _coordinates);
    }

    private static void Dispose(PrincipalComponents components, Dictionary<VectorRole, RowStore> coordinates)
    {
        components.Dispose();
        foreach (RowStore store in coordinates.Values)
        {
            store.Dispose();
        }
    }

    private static VectorRows Choose(VectorRows rows, int[] chosen) =>
        rows is SparseRows sparse ? sparse.Choose(chosen) : ((DenseRows)rows).Choose(chosen);

    /// <summary>Returns those of the fitted rows that a block has, counted from its first row.</summary>
    /// <param name="fitted">All of them, ascending.</param>
    /// <param name="next">The first that no block had yet.</param>
    /// <param name="first">The block's first row.</param>
    /// <param name="end">The row behind its last.</param>
    private static Tensor Within(int[] fitted, ref int next, int first, int end)
    {
        int from = next;
        while (next < fitted.Length && fitted[next] < end)
        {
            next++;
        }
        return tensor(Array.ConvertAll(fitted[from..next], row => (long)row - first));
    }

    private static PrincipalComponents Decompose(VectorRows[] sets, int outputs, Random random)
    {
        int width = sets[0].Width;
        if (width <= VectorRowsBuilder.SparseAbove)
        {
            return PrincipalComponents.Exact([.. sets.Cast<DenseRows>()]);
        }
        long max = Math.Max(outputs, Math.Min(MaxCoordinates, MaxDirectionValues / width));
        int rank = (int)Math.Min(max, width);
        if (PrincipalComponents.ColumnSideValues(width, rank) > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"An output of {outputs} values of an input of {width} needs more values than fit one array. Train a narrower output.");
        }
        return PrincipalComponents.Randomised(sets, rank, random);
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The principal coordinates that heads learn in: z = (x − mean) · directions / scale, with a mean length of 1, so that learning rates mean the same
/// for vectors of any size.
/// </summary>
internal sealed class TrainingSpace : IDisposable
{
    /// <summary>The most coordinates of wide inputs; what lies beyond is noise for the heads.</summary>
    public const int MostCoordinates = 1024;

    /// <summary>The most numbers that the directions of wide inputs may have; fewer coordinates are taken before that.</summary>
    private const long MostNumbers = 1L << 27;

    private readonly PrincipalComponents _components;
    private readonly Tensor _coordinates;
    private readonly int _rows;

    private TrainingSpace(PrincipalComponents components, List<VectorRole> roles, Tensor coordinates, double scale)
    {
        _components = components;
        _coordinates = coordinates;
        _rows = (int)(coordinates.shape[0] / roles.Count);
        Roles = roles;
        Scale = scale;
    }

    /// <summary>The number of coordinates R.</summary>
    public int Width => (int)_components.Directions.shape[1];

    /// <summary>The vector columns, in order.</summary>
    public List<VectorRole> Roles { get; }

    /// <summary>The mean length of the centred inputs.</summary>
    public double Scale { get; }

    /// <summary>Finds the coordinates of examples.</summary>
    /// <param name="examples">The examples; all of their vectors count.</param>
    /// <param name="outputs">The width D_out that a head will have, the least number of coordinates where there are enough.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide inputs.</param>
    public static TrainingSpace Of(ExampleSet examples, int outputs, Random random)
    {
        List<VectorRole> roles = [.. examples.Vectors.Keys.Order()];
        VectorRows[] sets = [.. roles.Select(role => examples.Vectors[role])];
        PrincipalComponents components = Decompose(sets, outputs, random);
        Tensor coordinates = empty((long)roles.Count * examples.Count, components.Directions.shape[1]);
        double squares = 0;
        for (int i = 0; i < sets.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor projected = components.Project(sets[i]);
            squares += projected.RowSquares().to(ScalarType.Float64).sum().item<double>();
            coordinates.narrow(0, (long)i * examples.Count, examples.Count).copy_(projected);
        }
        double scale = Math.Sqrt(squares / sets.Sum(s => (double)s.Count));
        scale = scale > 0 ? scale : 1;
        using Scalar divisor = scale;
        coordinates.div_(divisor);
        return new TrainingSpace(components, roles, coordinates, scale);
    }

    /// <summary>The coordinates of some examples in one role, <c>[B, R]</c>.</summary>
    public Tensor Gather(int[] rows, VectorRole role) => _coordinates.index_select(0, IndexOf(rows, [Roles.IndexOf(role)]));

    /// <summary>The coordinates of some examples in every role, one role below the other, <c>[roles · B, R]</c>.</summary>
    public Tensor Gather(int[] rows) => _coordinates.index_select(0, IndexOf(rows, [.. Enumerable.Range(0, Roles.Count)]));

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

    public void Dispose()
    {
        _components.Dispose();
        _coordinates.Dispose();
    }

    private Tensor IndexOf(int[] rows, int[] roles)
    {
        var index = new long[roles.Length * rows.Length];
        for (int i = 0; i < roles.Length; i++)
        {
            for (int k = 0; k < rows.Length; k++)
            {
                index[i * rows.Length + k] = (long)roles[i] * _rows + rows[k];
            }
        }
        return tensor(index);
    }

    private static PrincipalComponents Decompose(VectorRows[] sets, int outputs, Random random)
    {
        int width = sets[0].Width;
        if (width <= VectorRowsBuilder.SparseAbove)
        {
            return PrincipalComponents.Exact([.. sets.Cast<DenseRows>()]);
        }
        long most = Math.Max(outputs, Math.Min(MostCoordinates, MostNumbers / width));
        return PrincipalComponents.Randomised(sets, (int)Math.Min(most, width), random);
    }
}

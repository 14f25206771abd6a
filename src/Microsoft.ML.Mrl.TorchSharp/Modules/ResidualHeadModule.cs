using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>
/// Represents the residual head during training, on principal coordinates z <c>[N, R]</c>: y = z (E + Δ) + e + c + relu(z W₁ + b₁) W₂, E
/// and e the start as in <see cref="LinearHeadModule"/>. Δ, c, b₁ and W₂ start at 0, so the head starts as a linear one; W₁ starts at small
/// random numbers.
/// </summary>
/// <remarks>
/// The linear part learns too: the head can do whatever a linear head can, and the hidden layer is left with what a linear head cannot.
/// </remarks>
internal sealed class ResidualHeadModule : HeadModule
{
    private readonly Parameter _change;
    private readonly Parameter _bias;
    private readonly Parameter _hiddenWeights;
    private readonly Parameter _hiddenBias;
    private readonly Parameter _outputWeights;
    private readonly Tensor _startMap;
    private readonly Tensor _startBias;

    /// <param name="startMap">E, <c>[R, D_out]</c>; the module's own from now on.</param>
    /// <param name="startBias">e, <c>[D_out]</c>; the module's own from now on.</param>
    /// <param name="hidden">The width H of the hidden layer.</param>
    /// <param name="random">Draws W₁.</param>
    public ResidualHeadModule(Tensor startMap, Tensor startBias, int hidden, Random random)
        : base(nameof(ResidualHeadModule))
    {
        _startMap = startMap;
        _startBias = startBias;
        (int coordinates, int outputs) = ((int)startMap.shape[0], (int)startMap.shape[1]);
        _change = new Parameter(zeros(coordinates, outputs));
        _bias = new Parameter(zeros(outputs));
        _hiddenWeights = new Parameter(tensor(SmallNumbers(coordinates, hidden, random), [coordinates, hidden]));
        _hiddenBias = new Parameter(zeros(hidden));
        _outputWeights = new Parameter(zeros(hidden, outputs));
        RegisterComponents();
    }

    private Tensor Map => _startMap.Plus(_change);

    private Tensor Bias => _startBias.Plus(_bias);

    public override Tensor forward(Tensor coordinates)
    {
        Tensor direct = addmm(Bias, coordinates, Map, 1, 1);
        Tensor hidden = addmm(_hiddenBias, coordinates, _hiddenWeights, 1, 1).relu();
        return addmm(direct, hidden, _outputWeights, 1, 1);
    }

    public override bool CanPutStartBehind => true;

    public override float[][] WithStartBehind(float[][] weights, int columns, float scale)
    {
        int outputs = (int)_startBias.shape[0];
        var nothing = new float[weights[4].Length];
        return
        [
            ChangeWithStartBehind(weights[0], _startBias.Values(), outputs, columns, scale),
            ChangeWithStartBehind(weights[1], _startMap.Values(), outputs, columns, scale),
            weights[2], weights[3],
            ChangeWithStartBehind(weights[4], nothing, outputs, columns, scale),
        ];
    }

    public override EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return space.ToResidualHead(Map, Bias, _hiddenWeights, _hiddenBias, _outputWeights, dimensions, summary);
    }

    /// <summary>
    /// Draws uniform random numbers with a variance of 1 / R: coordinates of length 1 then give hidden values of a size like their own.
    /// </summary>
    private static float[] SmallNumbers(int coordinates, int hidden, Random random)
    {
        double largest = Math.Sqrt(3.0 / coordinates);
        var values = new float[(long)coordinates * hidden];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(largest * (2 * random.NextDouble() - 1));
        }
        return values;
    }
}

using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// The cosines at every nested dimension from one pass over the columns, block by block: S_m = S_k + L[:, k:m] · R[:, k:m]ᵀ and |x|²_m =
/// |x|²_k + |x[k:m]|², then cos_m = S_m / (|l|_m |r|_m). A zero vector has cosine 0.
/// </summary>
internal static class NestedCosines
{
    /// <summary>|x|² is not taken below this, as x / max(|x|, 1e-12) has it; the gradient there is that of a constant.</summary>
    private const double SmallestSquare = 1e-24;

    /// <summary>Every left row with every right row: <c>[L, R]</c> a dimension.</summary>
    public static Tensor[] OfAllPairs(Tensor left, Tensor right, MatryoshkaDimensions dimensions) => Accumulate(left, right, dimensions,
        dot: (sum, l, r) => sum is null ? l.mm(r.t()) : addmm(sum, l, r.t(), 1, 1),
        cosine: (sum, l, r) => sum / l.unsqueeze(1) / r.unsqueeze(0));

    /// <summary>Every left row with the right row of the same number: <c>[B]</c> a dimension.</summary>
    public static Tensor[] OfRows(Tensor left, Tensor right, MatryoshkaDimensions dimensions) => Accumulate(left, right, dimensions,
        dot: (sum, l, r) => sum is null ? (l * r).sum(1) : sum.Plus((l * r).sum(1)),
        cosine: (sum, l, r) => sum / (l * r));

    /// <summary>Every left row with every right row, whole: <c>[L, R]</c>.</summary>
    public static Tensor AtFullWidth(Tensor left, Tensor right) => OfAllPairs(left, right, new MatryoshkaDimensions((int)left.shape[1]))[0];

    /// <summary>x / max(|x|, 1e-12), row by row.</summary>
    public static Tensor UnitLength(Tensor rows) => rows / Length(rows.RowSquares()).unsqueeze(1);

    private static Tensor[] Accumulate(Tensor left, Tensor right, MatryoshkaDimensions dimensions,
        Func<Tensor?, Tensor, Tensor, Tensor> dot, Func<Tensor, Tensor, Tensor, Tensor> cosine)
    {
        var cosines = new Tensor[dimensions.Count];
        Tensor? sum = null, leftSquare = null, rightSquare = null;
        int start = 0;
        for (int i = 0; i < cosines.Length; i++)
        {
            Tensor l = left.narrow(1, start, dimensions[i] - start);
            Tensor r = right.narrow(1, start, dimensions[i] - start);
            sum = dot(sum, l, r);
            leftSquare = AddSquares(leftSquare, l);
            rightSquare = AddSquares(rightSquare, r);
            cosines[i] = cosine(sum, Length(leftSquare), Length(rightSquare));
            start = dimensions[i];
        }
        return cosines;
    }

    private static Tensor AddSquares(Tensor? sum, Tensor block) => sum is null ? block.RowSquares() : sum.Plus(block.RowSquares());

    private static Tensor Length(Tensor square) => square.AtLeast(SmallestSquare).sqrt();
}

namespace Microsoft.ML.Mrl;

/// <summary>What a training may do to the vectors.</summary>
public enum HeadKind
{
    /// <summary>
    /// Any linear map, y = x W + b: a <see cref="LinearHead"/>. The one to begin with: quick to train and to serve, and it may give the
    /// classes or pairs you train for a geometry of their own. Cosines of the full width change with it.
    /// </summary>
    Linear,

    /// <summary>
    /// A rotation, y = x Q: an <see cref="OrthogonalHead"/>. When the full vectors are already good and must stay as they are (a search
    /// index tuned on them, other users of them), and only their prefixes shall get better. As wide as its input, which has at most 1,024
    /// values; learns less than <see cref="Linear"/>, and so forgets less: a good choice for few examples. A step takes three to six times
    /// as long as a linear one.
    /// </summary>
    Orthogonal,

    /// <summary>
    /// A linear map and a small network beside it, y = x S + b + relu(x W₁ + b₁) W₂: a <see cref="ResidualHead"/>. When the data is
    /// plentiful and what you train for is not a linear matter: a class that lies in several places, say. Training and serving cost two to
    /// three times as much as <see cref="Linear"/>.
    /// </summary>
    Residual,
}

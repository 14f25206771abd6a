namespace Microsoft.ML.Mrl;

/// <summary>Specifies the kind of map that a training learns.</summary>
public enum HeadKind
{
    /// <summary>
    /// Any linear map, y = x W + b, a <see cref="LinearHead"/>. This is the usual choice: it is quick to train and to serve, and it is free
    /// to change the geometry to suit the objective. Cosines at the full width change, too.
    /// </summary>
    Linear,

    /// <summary>
    /// A rotation, y = x Q, an <see cref="OrthogonalHead"/>. It keeps all cosines at the full width and improves only the prefixes, which
    /// suits vectors that a search index or another application already uses. The output is as wide as the input, which has at most 1,024
    /// values. A rotation learns less than <see cref="Linear"/> and overfits less, so it is a good choice for few examples. A step takes
    /// three to six times as long as that of a linear head.
    /// </summary>
    Orthogonal,

    /// <summary>
    /// The sum of a linear map and a small network, y = x S + b + relu(x W₁ + b₁) W₂, a <see cref="ResidualHead"/>. It suits plentiful data
    /// with a structure that is not linear, such as classes of several clusters. Training and serving cost two to three times as much as
    /// with <see cref="Linear"/>.
    /// </summary>
    Residual,
}

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

public enum LossKind
{
    InfoNce,
    InfoNceWithNegatives,
    InfoNceSymmetric,
    InfoNceExcluding,
    InfoNceExcludingOneWay,
    CoSent,
    AnglE,
    CosineMse,
    Triplet,
    SameLabel,
    Unsupervised,
    Distillation,
    Softmax,
    SoftmaxSmoothed,
    SharedSoftmax,
    SharedSoftmaxSmoothed,
    CosineSoftmax,
    Weighted,
}

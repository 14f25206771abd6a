namespace Microsoft.ML.Mrl.Tests.Losses;

public enum LossKind
{
    InfoNce,
    InfoNceWithNegatives,
    CoSent,
    Softmax,
    SharedSoftmax,
}

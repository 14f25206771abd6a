using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

public sealed class ExponentialTests
{
    [Fact]
    public void Of_AnyNumberUpToZero_IsThatOfTheSlowWay()
    {
        for (float x = 0; x > -86; x -= 0.0137f)
        {
            Assert.Equal(1, Exponential.Of(Vector512.Create(x))[3] / Math.Exp(x), 3e-7);
        }
        Assert.Equal(1, Exponential.Of(Vector512<float>.Zero)[0]);
        Assert.InRange(Exponential.Of(Vector512.Create(float.NegativeInfinity))[0], 0, 1e-37f);
    }
}

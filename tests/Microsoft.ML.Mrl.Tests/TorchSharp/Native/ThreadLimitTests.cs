using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

[Collection(TorchCollection.Name)]
public class ThreadLimitTests
{
    [Fact]
    public void Dispose_SeveralAtOnce_TheLastPutsTheSettingBack()
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(3);
            ThreadLimit one = ThreadLimit.ToOne(), other = ThreadLimit.ForSteps(1), none = ThreadLimit.ForSteps(1e9);
            one.Dispose();
            none.Dispose();
            Assert.Equal(1, torch.get_num_threads());
            other.Dispose();
            Assert.Equal(3, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(1e6, false, 1, 3)]
    [InlineData(1e8, false, 3, 1)]
    [InlineData(1e8, true, 1, 3)]
    [InlineData(1e9, true, 3, 1)]
    public void Dispose_AfterSmallOrLargeSteps_PutsTheSettingBack(double multiplications, bool isOneOfSeveral, int during, int atOnce)
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(3);
            using (ThreadLimit limit = ThreadLimit.ForSteps(multiplications, isOneOfSeveral))
            {
                Assert.Equal(during, torch.get_num_threads());
                Assert.Equal(atOnce, limit.AtOnce);
            }
            Assert.Equal(3, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }
}

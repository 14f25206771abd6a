using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.Training;

[Collection(TorchCollection.Name)]
public class ThreadLimitTests
{
    [Theory]
    [InlineData(1e6, 1)]
    [InlineData(1e9, 3)]
    public void Dispose_AfterSmallOrLargeSteps_PutsTheSettingBack(double multiplications, int during)
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(3);
            using (new ThreadLimit(multiplications))
            {
                Assert.Equal(during, torch.get_num_threads());
            }
            Assert.Equal(3, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }
}

namespace Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

public sealed class VectorDataReadmeTests
{
    [Fact]
    public async Task Sample_PrintsWhatIsShown() => await ReadmeSample.Read("Microsoft.ML.Mrl.Extensions.VectorData").RunAsync(
        "using Microsoft.ML.Mrl.Tests.ExtensionsVectorData;",
        "var store = new MemoryCollection<int, Article>(article => article.Id, \"Embedding\");");
}

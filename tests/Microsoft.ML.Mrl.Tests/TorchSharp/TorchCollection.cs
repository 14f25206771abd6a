using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp;

/// <summary>
/// The tests that use libtorch. They run one after another and not beside other tests: some count the process's tensors or look at its
/// thread setting.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection : ICollectionFixture<TorchCollection.Loaded>
{
    public const string Name = "Torch";

    public sealed class Loaded
    {
        public Loaded() => LibTorch.EnsureLoaded();
    }
}

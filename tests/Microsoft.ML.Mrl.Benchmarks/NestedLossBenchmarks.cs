using BenchmarkDotNet.Attributes;
using Microsoft.ML.Mrl.Benchmarks.Nested;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>What does a training step at six nested dimensions cost, compared with one at full width? On a busy machine rather use <see cref="NestedProgram"/>.</summary>
[ShortRunJob]
public class NestedLossBenchmarks
{
    private readonly Random _random = new(1);
    private NestedData _data = null!;
    private TrainingStep _fullWidth = null!;
    private TrainingStep _nested = null!;
    private TrainingStep _cut = null!;
    private TrainingStep _byHand = null!;

    /// <summary>Pairs or classes.</summary>
    [Params(true, false)]
    public bool Pairs { get; set; }

    /// <summary>The width D.</summary>
    [Params(384, 768, 1024)]
    public int Width { get; set; }

    /// <summary>The rows of a batch B.</summary>
    [Params(256, 512)]
    public int Batch { get; set; }

    /// <summary>Random data, one thread.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        LibTorch.EnsureLoaded();
        set_num_threads(1);
        _data = new NestedData(Pairs, Width);
        _fullWidth = new OurStep(_data, new MatryoshkaDimensions(Width), loss => loss.Forward);
        _nested = new OurStep(_data, _data.Nested, loss => loss.Forward);
        _cut = new OurStep(_data, _data.Nested, loss => loss.ForwardByCutting);
        _byHand = new PlainStep(_data, _data.Nested);
    }

    /// <summary>Frees what was prepared.</summary>
    [GlobalCleanup]
    public void Free()
    {
        _fullWidth.Dispose();
        _nested.Dispose();
        _cut.Dispose();
        _byHand.Dispose();
        _data.Dispose();
    }

    /// <summary>The full width alone.</summary>
    [Benchmark(Baseline = true)]
    public float FullWidthAlone() => _fullWidth.Run(Rows());

    /// <summary>Six dimensions, each column in one product.</summary>
    [Benchmark]
    public float Nested() => _nested.Run(Rows());

    /// <summary>Six dimensions, cut one by one.</summary>
    [Benchmark]
    public float CutEachTime() => _cut.Run(Rows());

    /// <summary>Six dimensions as a user of TorchSharp would write them.</summary>
    [Benchmark]
    public float ByHand() => _byHand.Run(Rows());

    private int[] Rows() => [.. Enumerable.Range(0, Batch).Select(_ => _random.Next(NestedData.Rows))];
}

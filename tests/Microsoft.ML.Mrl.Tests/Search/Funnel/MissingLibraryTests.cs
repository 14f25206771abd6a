using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

/// <summary>What works on a platform for which there is no native library. A process that has loaded it cannot tell, so the test runs in
/// one of its own.</summary>
public class MissingLibraryTests
{
    private const string Variable = "MRL_TEST_WITHOUT_USEARCH";

    [Fact]
    public void WithoutTheNativeLibrary_ExactSearchWorks_AndAGraphIsRefusedClearly()
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(MissingLibraryTests).Assembly.Location, "--filter-method", $"*{nameof(InAProcessWithoutTheLibrary)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = "1";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0 && output.Contains("succeeded: 1", StringComparison.Ordinal), output);
    }

    [Fact]
    public void InAProcessWithoutTheLibrary()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", "Runs in a process of its own.");
        NativeLibrary.SetDllImportResolver(typeof(FunnelIndex).Assembly, (name, _, _) => throw new DllNotFoundException(name));
        float[] rows = SampleMatrices.Random(1, 6000, 32).Values.ToArray(), query = rows[..32];
        var graph = new FunnelPlan(16, EmbeddingType.Int8, 20);
        using FunnelIndex index = FunnelIndex.Build(rows, 32, new FunnelIndexOptions { Plan = FunnelPlan.Exact });

        string message = Assert.Throws<PlatformNotSupportedException>(() => index.SetPlan(graph)).Message;

        Assert.Contains("libusearch_c", message, StringComparison.Ordinal);
        Assert.Contains(nameof(FunnelPlan.Exact), message, StringComparison.Ordinal);
        Assert.Throws<PlatformNotSupportedException>(() => FunnelIndex.Build(rows, 32, new FunnelIndexOptions { Plan = graph }));
        Assert.Throws<PlatformNotSupportedException>(() => index.Tune(rows.AsSpan(0, 32 * 40), new FunnelTuningOptions { Recall = 0.5 }));
        Assert.Equal(0, index.Search(query, 3)[0].Id);
        Assert.True(index.Remove(0));
        index.Add(9000, query);
        var saved = new MemoryStream();
        index.Save(saved);
        saved.Position = 0;
        using FunnelIndex loaded = FunnelIndex.Load(saved);
        Assert.Equal(9000, loaded.SearchExact(query, 3)[0].Id);
        Assert.Equal(6000, loaded.Count);
    }
}

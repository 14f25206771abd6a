using System.Diagnostics;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>A process that is killed while it saves an encoder over another one.</summary>
public sealed class KilledSaveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Save_KilledAtAnyTime_LeavesOneEncoderWhole_AndTheNextSaveCleansUp()
    {
        StaticTextEncoder.Create(["one two three one two three"], new StaticEncoderOptions { Dimensions = 64, Buckets = 3_000 })
            .Save(_folder["first"]);
        RandomModel.Write(_folder["second"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        string first = TextEncoder.Load(_folder["first"]).Fingerprint;
        string second = TextEncoder.Load(_folder["second"]).Fingerprint;
        string place = _folder["saved"];
        TextEncoder.Load(_folder["first"]).Save(place);
        File.WriteAllText(Path.Combine(place, "notes.txt"), "mine");
        var random = new Random(5);
        var seen = new HashSet<string>();
        for (int kill = 0; kill < 12; kill++)
        {
            using Process child = FreshProcess.Start("save", place, _folder["first"], _folder["second"]);
            Assert.Equal("ready", child.StandardOutput.ReadLine());
            Thread.Sleep(random.Next(1, 60));
            child.Kill(entireProcessTree: true);
            child.WaitForExit();

            seen.Add(TextEncoder.Load(place).Fingerprint);
        }

        Assert.Subset(new HashSet<string> { first, second }, seen);
        TextEncoder.Load(_folder["second"]).Save(place);
        Assert.Equal(second, TextEncoder.Load(place).Fingerprint);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(place, "notes.txt")));
        Assert.Equal(
            ["first", "saved", "second"],
            Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(place, "*.tmp", SearchOption.AllDirectories));
        Assert.False(
            Directory.Exists(Path.Combine(place, "0_StaticEmbedding"))
            && File.Exists(Path.Combine(place, "0_StaticEmbedding", "model.safetensors")));
    }

    [Fact]
    public void Save_OverAnotherKindOfEncoder_LeavesNothingOfIt()
    {
        RandomModel.Write(
            _folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""", dense: "torch.nn.modules.linear.Identity");
        StaticTextEncoder encoder = StaticEncoders.OfWords(skipsUnknown: false);
        File.WriteAllText(_folder["m/README.md"], "mine");

        encoder.Save(_folder["m"]);

        Assert.Equal(encoder.Fingerprint, TextEncoder.Load(_folder["m"]).Fingerprint);
        Assert.False(File.Exists(_folder["m/vocab.txt"]));
        Assert.False(File.Exists(_folder["m/2_Dense/model.safetensors"]));
        Assert.Equal("mine", File.ReadAllText(_folder["m/README.md"]));
    }
}

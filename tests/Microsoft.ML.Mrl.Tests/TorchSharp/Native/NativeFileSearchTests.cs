using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

public sealed class NativeFileSearchTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mrl-search-test-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Find_FileInTwoFolders_TakesTheFirst()
    {
        string first = Touch("first");
        string second = Touch("second");

        string? found = new NativeFileSearch([Path.Combine(_root.FullName, "missing"), "", first, second]).Find("torch_cpu");

        Assert.Equal(first, Path.GetDirectoryName(found));
    }

    [Fact]
    public void Directories_NotAFullPath_IsLeftOut()
    {
        string first = Touch("first");

        var search = new NativeFileSearch(["", ".", "runtimes", first, first + Path.DirectorySeparatorChar]);

        Assert.Equal([first], search.Directories);
    }

    [Fact]
    public void Require_FileNowhere_SaysWhichPackageToAdd()
    {
        var search = new NativeFileSearch([_root.FullName]);

        var e = Assert.Throws<LibTorchLoadException>(() => search.Require("torch_cpu"));

        Assert.Contains("torch_cpu", e.Message, StringComparison.Ordinal);
        Assert.Contains(_root.FullName, e.Message, StringComparison.Ordinal);
        Assert.Contains("Add the package TorchSharp-cpu, or a CUDA one", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ForThisProcess_TestsOwnOutput_HasBothLibraries()
    {
        NativeFileSearch search = NativeFileSearch.ForThisProcess();

        Assert.True(File.Exists(search.Require("LibTorchSharp")));
        Assert.True(File.Exists(search.Require("torch_cpu")));
    }

    [Fact]
    public void PackageDirectories_TorchSharpInsideAPackageFolder_LooksInThatFoldersPackages()
    {
        string packages = Path.Combine(_root.FullName, "packages");
        string home = Path.Combine(packages, "torchsharp", "1.2.3", "lib", "net8.0");
        string native = Path.Combine("runtimes", "linux-x64", "native");

        string[] directories = [.. NativeFileSearch.PackageDirectories(home, native, "1.2.3", "4.5.6")];

        Assert.Equal(Path.Combine(packages, "torchsharp", "1.2.3", native), directories[0]);
        Assert.Contains(
            directories, d => d.StartsWith(Path.Combine(packages, "libtorch-cpu-"), StringComparison.Ordinal)
            && d.EndsWith(Path.Combine("4.5.6", native), StringComparison.Ordinal));
    }

    private string Touch(string folder)
    {
        DirectoryInfo directory = _root.CreateSubdirectory(folder);
        foreach (string name in (string[])["libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll"])
        {
            File.WriteAllText(Path.Combine(directory.FullName, name), "");
        }
        return directory.FullName;
    }
}

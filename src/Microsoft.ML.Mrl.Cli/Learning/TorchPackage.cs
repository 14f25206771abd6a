using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>
/// Brings libtorch, which the tool does not carry because it takes hundreds of megabytes. It is loaded from NuGet's packages of this user,
/// where the first training puts it.
/// </summary>
internal static class TorchPackage
{
    // Each finds what it depends on beside itself.
    private static readonly string[] s_libraries = ["c10", "torch_cpu", "torch"];

    private static string RuntimeId =>
        OperatingSystem.IsWindows() ? (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "win-arm64" : "win-x64")
        : OperatingSystem.IsMacOS() ? "osx-arm64"
        : "linux-x64";

    private static string PackageId => $"libtorch-cpu-{RuntimeId}";

    /// <summary>Loads libtorch into the process, unless it lies beside the program, where TorchSharp finds it.</summary>
    /// <param name="progress">Receives the line that libtorch is downloaded.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="CommandException">libtorch cannot be downloaded.</exception>
    public static void Load(IJobProgress progress, CancellationToken cancellation)
    {
        if (SearchedFolders().Any(folder => File.Exists(Path.Combine(folder, FileName("torch_cpu")))))
        {
            return;
        }
        string native = Path.Combine("runtimes", RuntimeId, "native");
        var package = new NuGetPackage(PackageId, PackageVersion, Path.Combine(native, FileName("torch_cpu")));
        string found = Path.Combine(package.Require(("train", "libtorch"), progress, cancellation), native);
        foreach (string library in s_libraries)
        {
            // What does not load here is told by the training itself.
            NativeLibrary.TryLoad(Path.Combine(found, FileName(library)), out _);
        }
    }

    private static IEnumerable<string> SearchedFolders() =>
        (((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")) ?? "").Split(Path.PathSeparator)
        .Append(AppContext.BaseDirectory)
        .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeId, "native"))
        .Where(folder => folder.Length > 0);

    private static string PackageVersion =>
        Version.TryParse(LibTorch.PackageVersion, out Version? version)
            ? version.ToString(version.Revision > 0 ? 4 : 3)
            : throw new CommandException("Cannot train: TorchSharp does not say which version of libtorch it needs.");

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";
}

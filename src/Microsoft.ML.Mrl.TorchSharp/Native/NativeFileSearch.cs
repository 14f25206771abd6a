using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Finds the native files of TorchSharp and libtorch where .NET and TorchSharp themselves look for them.</summary>
internal sealed class NativeFileSearch
{
    /// <summary>Creates a search of some folders.</summary>
    /// <param name="directories">The folders, first choice first; they need not exist. One that is not a full path is left out.</param>
    /// <remarks>Code is loaded from what is found, so it must not depend on the current folder.</remarks>
    public NativeFileSearch(IEnumerable<string> directories) =>
        Directories = [.. directories.Where(Path.IsPathFullyQualified).Select(Path.TrimEndingDirectorySeparator).Distinct()];

    /// <summary>Gets the folders, first choice first.</summary>
    public IReadOnlyList<string> Directories { get; }

    /// <summary>Returns the search for this process.</summary>
    public static NativeFileSearch ForThisProcess()
    {
        Assembly assembly = typeof(Scalar).Assembly;
        // Empty in a single-file application, whose native files are in the runtime's search folders.
        string home = Path.GetDirectoryName(assembly.Location) ?? "";
        string native = Path.Combine("runtimes", RuntimeId, "native");
        List<string> directories =
        [
            .. ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(Path.PathSeparator),
            home,
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, native),
        ];
        if (home.Length > 0)
        {
            directories.Add(Path.Combine(home, native));
            // Where TorchSharp gathers the files of several packages when it runs from a script.
            directories.Add(Path.Combine(home, "cpu"));
        }
        directories.AddRange(PackageDirectories(home, native, PackageVersion(assembly), LibTorchVersion()));
        directories.AddRange((Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(Path.PathSeparator));
        return new NativeFileSearch(directories);
    }

    /// <summary>Returns the folders of unpacked packages that hold the native files: what a script or notebook loads from.</summary>
    /// <param name="home">The folder of TorchSharp's assembly.</param>
    /// <param name="native">The folder of native files in a package.</param>
    /// <param name="torchSharpVersion">The version of TorchSharp's package, or <see langword="null"/> when unknown.</param>
    /// <param name="libTorchVersion">The version of libtorch's package, or <see langword="null"/> when unknown.</param>
    internal static IEnumerable<string> PackageDirectories(string home, string native, string? torchSharpVersion, string? libTorchVersion)
    {
        List<string> roots =
        [
            Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? "",
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        ];
        // root/torchsharp/version/lib/framework/TorchSharp.dll
        string? package = Path.GetDirectoryName(Path.GetDirectoryName(home));
        if (package is not null && Path.GetFileName(Path.GetDirectoryName(package)) == "torchsharp")
        {
            yield return Path.Combine(package, native);
            roots.Insert(0, Path.GetFullPath(Path.Combine(package, "..", "..")));
        }
        foreach (string root in roots.Where(r => r.Length > 0))
        {
            if (torchSharpVersion is not null)
            {
                yield return Path.Combine(root, "torchsharp", torchSharpVersion, native);
            }
            if (libTorchVersion is not null)
            {
                yield return Path.Combine(root, $"libtorch-cpu-{RuntimeId}", libTorchVersion, native);
            }
        }
    }

    /// <summary>Finds a library.</summary>
    /// <param name="name">Its plain name, such as <c>torch_cpu</c>.</param>
    /// <returns>The full path of its file, or <see langword="null"/>.</returns>
    public string? Find(string name)
    {
        string fileName = FileName(name);
        return Directories.Select(d => Path.Combine(d, fileName)).FirstOrDefault(File.Exists);
    }

    /// <summary>Finds a library that must be there.</summary>
    /// <param name="name">Its plain name, such as <c>torch_cpu</c>.</param>
    /// <returns>The full path of its file.</returns>
    /// <exception cref="LibTorchLoadException">None of the folders has the library.</exception>
    public string Require(string name) => Find(name) ?? throw new LibTorchLoadException(
        $"Cannot load libtorch: {FileName(name)} is in none of the folders where native libraries are looked for "
        + $"({string.Join(", ", Directories)}). "
        + "Add the package TorchSharp-cpu, or a CUDA one such as TorchSharp-cuda-linux or TorchSharp-cuda-windows, to the application: "
        + "Microsoft.ML.Mrl.TorchSharp itself references only TorchSharp, so that the application chooses.");

    private static string RuntimeId =>
        OperatingSystem.IsWindows() ? (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "win-arm64" : "win-x64")
        : OperatingSystem.IsMacOS() ? "osx-arm64"
        : "linux-x64";

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

    private static string? PackageVersion(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    // A constant is read from metadata, which does not run the static constructor as torch.__version__ would.
    private static string? LibTorchVersion() =>
        typeof(torch).GetField("libtorchPackageVersion", BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } field
        && Version.TryParse((string?)field.GetRawConstantValue(), out Version? version)
            ? version.ToString(version.Revision > 0 ? 4 : 3)
            : null;
}

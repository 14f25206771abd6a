using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>
/// Brings libtorch, which the tool does not carry because it takes hundreds of megabytes. It is loaded from NuGet's packages of this user,
/// where the
/// first training puts it.
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
        if (Find() is not { } found)
        {
            progress.Stage($"Downloading libtorch ({PackageId} {PackageVersion}), which takes some minutes the first time");
            Restore(cancellation);
            found = Find() ?? throw new CommandException(
                $"Cannot train: NuGet restored {PackageId} {PackageVersion}, but it is in none of the folders of packages "
                + $"({string.Join(", ", PackageFolders())}). Set NUGET_PACKAGES to the folder that it is in.");
        }
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

    private static string? Find() => PackageFolders()
        .Select(folder => Path.Combine(folder, PackageId, PackageVersion, "runtimes", RuntimeId, "native"))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, FileName("torch_cpu"))));

    private static IEnumerable<string> PackageFolders()
    {
        if (Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen)
        {
            yield return chosen;
        }
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    }

    private static string PackageVersion =>
        Version.TryParse(LibTorch.PackageVersion, out Version? version)
            ? version.ToString(version.Revision > 0 ? 4 : 3)
            : throw new CommandException("Cannot train: TorchSharp does not say which version of libtorch it needs.");

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

    private static void Restore(CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-libtorch-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "libtorch.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="{PackageId}" Version="{PackageVersion}" />
                  </ItemGroup>
                </Project>
                """);
            var start = new ProcessStartInfo("dotnet", ["restore", "--verbosity", "quiet"])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            using CancellationTokenRegistration registration = cancellation.Register(() => process.Kill(entireProcessTree: true));
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
            {
                throw new CommandException(
                    $"Cannot train: NuGet did not get libtorch, "
                    + $"package {PackageId} {PackageVersion}: {$"{output.Result} {error.Result}".Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandException(
                $"Cannot train: libtorch is fetched with the dotnet command, and it does not start ({e.Message}). Install the .NET SDK.",
                    inner: e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

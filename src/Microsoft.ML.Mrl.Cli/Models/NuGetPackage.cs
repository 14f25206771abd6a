using System.Diagnostics;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>
/// Represents a package that the tool does not carry because it is large. It is used from NuGet's packages of this user, where the first
/// use puts it.
/// </summary>
/// <param name="Id">The name of the package.</param>
/// <param name="Version">Its version.</param>
/// <param name="MarkerFile">The file in it that tells whether it is there, relative to the folder of the package.</param>
internal sealed record NuGetPackage(string Id, string Version, string MarkerFile)
{
    /// <summary>Returns the folder of the package, which is downloaded where it is missing.</summary>
    /// <param name="what">What the package brings and what it is wanted for, such as <c>train: libtorch</c>, for messages.</param>
    /// <param name="progress">Receives the line that the package is downloaded.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="CommandException">The package cannot be downloaded.</exception>
    public string Require((string Wanted, string Name) what, IJobProgress progress, CancellationToken cancellation)
    {
        if (Find() is { } found)
        {
            return found;
        }
        progress.Stage($"Downloading {what.Name} (package {Id} {Version}). This takes some minutes, the first time only");
        Restore(what, cancellation);
        return Find() ?? throw new CommandException(
            $"Cannot {what.Wanted}: NuGet restored {Id} {Version}, but it is in none of the folders of packages "
            + $"({string.Join(", ", Folders())}). Set NUGET_PACKAGES to the folder that it is in.");
    }

    private string? Find() => Folders()
        .Select(folder => Path.Combine(folder, Id.ToLowerInvariant(), Version))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, MarkerFile)));

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen)
        {
            yield return chosen;
        }
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    }

    private void Restore((string Wanted, string Name) what, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-package-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "package.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="{Id}" Version="{Version}" />
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
                    $"Cannot {what.Wanted}: NuGet could not download {what.Name}, "
                    + $"package {Id} {Version}: {$"{output.Result} {error.Result}".Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandException(
                $"Cannot {what.Wanted}: {what.Name} is downloaded with the dotnet command, which does not start ({e.Message}). "
                + "Install the .NET SDK.", inner: e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

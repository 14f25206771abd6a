using System.Diagnostics;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>Builds and runs generated projects, and removes what NuGet unpacked of the packages beside them.</summary>
public sealed class GeneratedPackages : IDisposable
{
    /// <summary>Runs dotnet in a folder and waits for its end.</summary>
    public static (int ExitCode, string Output) Dotnet(string folder, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(
            "dotnet", args) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        // A test host sets these for itself.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    public void Dispose()
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string id in (string[])["microsoft.ml.mrl", "microsoft.ml.mrl.text", "microsoft.ml.mrl.torchsharp"])
        {
            string unpacked = Path.Combine(cache, id, LibraryPackages.Version);
            if (Directory.Exists(unpacked))
            {
                Directory.Delete(unpacked, recursive: true);
            }
        }
    }
}

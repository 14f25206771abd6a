using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>Both libraries as packages of a version of their own in a folder that NuGet can read, gone afterwards.</summary>
public sealed class PackedLibraries : IDisposable
{
    private static readonly string[] s_projects = ["Microsoft.ML.Mrl", "Microsoft.ML.Mrl.Text", "Microsoft.ML.Mrl.Search", "Microsoft.ML.Mrl.TorchSharp"];

    private readonly DirectoryInfo _feed = Directory.CreateTempSubdirectory("mrl-packed-");
    private readonly string? _problem;

    public PackedLibraries()
    {
        foreach (string project in s_projects)
        {
            // The version is the package's alone and the framework that of the tests: what was compiled for them is packed, and nothing is compiled again.
            // NU5128 says that the other framework is not there.
            (int exitCode, string output) = Dotnet(
                Path.Combine(Repository.Root, "src", project), ["pack", "--no-build", "-v", "q", "-c", Configuration, "-o", _feed.FullName, $"-p:PackageVersion={Version}", "-p:TargetFrameworks=net10.0", "-p:NoWarn=NU5128"]);
            if (exitCode != 0)
            {
                _problem = output;
                return;
            }
        }
    }

    /// <summary>Above every version of the libraries that a feed may hold, so that nothing else is taken.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>The folder of the packages.</summary>
    public string FeedOrSkip()
    {
        Assert.SkipWhen(_problem is not null && _problem.Contains("NETSDK1004", StringComparison.Ordinal), $"The libraries were not restored, so they cannot be packed: {_problem}");
        Assert.True(_problem is null, _problem);
        return _feed.FullName;
    }

    /// <summary>Runs dotnet and waits.</summary>
    public static (int ExitCode, string Output) Dotnet(string folder, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo("dotnet", args) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
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
        _feed.Delete(recursive: true);
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string project in s_projects)
        {
            string unpacked = Path.Combine(cache, project.ToLowerInvariant(), Version);
            if (Directory.Exists(unpacked))
            {
                Directory.Delete(unpacked, recursive: true);
            }
        }
    }
}

using System.Diagnostics;
using Microsoft.ML.Mrl.Cli;

namespace Microsoft.ML.Mrl.Tests.Reports;

/// <summary>A browser without a window, of the Chromium family.</summary>
internal static class HeadlessBrowser
{
    private static readonly string[] s_names =
        ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
            "microsoft-edge"];

    /// <summary>Opens a page in a window of a width and gives back what its document became; the test is skipped where there is no
    /// browser.</summary>
    public static string OpenOrSkip(string path, int width)
    {
        string? browser = Find();
        Assert.SkipWhen(browser is null, $"No browser on the path: looked for {string.Join(", ", s_names)}.");
        string profile = Path.Combine(Path.GetDirectoryName(path)!, "profile");
        var start = new ProcessStartInfo(browser)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", $"--user-data-dir={profile}",
                $"--window-size={width},900", "--virtual-time-budget=2000", "--dump-dom", new Uri(path).AbsoluteUri,
            },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{browser} did not end.");
        }
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
        .FirstOrDefault(File.Exists);
}

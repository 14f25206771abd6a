using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.ML.Mrl.Cli;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>A process that loads the first of <see cref="Rows.Make"/> into a table (Microsoft.ML.Mrl.Tests.LoadingChild), to be
/// killed.</summary>
internal sealed class LoadingProcess : IDisposable
{
    /// <summary>128 and SIGKILL, which a process can neither catch nor clean up after.</summary>
    private const int Killed = 128 + 9;

    private readonly Process _process;
    private readonly Task<string> _errors;

    /// <param name="connectionString">How to connect.</param>
    /// <param name="schema">The table's schema.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">How many rows to load.</param>
    /// <param name="rowsPerChunk">How many a transaction.</param>
    /// <param name="waitAt">The row before which it waits to be killed, −1 for none.</param>
    public LoadingProcess(string connectionString, string schema, string table, int rows, int rowsPerChunk, int waitAt = -1)
    {
        string child = typeof(LoadingProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "LoadingChildAssembly").Value!;
        string[] numbers = [.. new[] { rows, rowsPerChunk, waitAt }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        _process = Process.Start(
            new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [child, connectionString, schema, table, .. numbers])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits for what it says next, or for its end.</summary>
    public async Task HearAsync(string expected)
    {
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(line == expected, $"The child said '{line ?? await _errors}', not '{expected}'.");
    }

    /// <summary>Lets it go on.</summary>
    public async Task GoOnAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Kills it where it stands.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        Assert.True(
            OperatingSystem.IsWindows() || _process.ExitCode == Killed,
            $"The child ended with {_process.ExitCode} before it was killed: {await _errors}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }
}

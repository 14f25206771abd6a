using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>
/// PostgreSQL without a server: PGlite (PostgreSQL compiled to WebAssembly) with pgvector, behind a socket. Its npm packages are installed
/// once into the user's folder for local data, outside the repository.
/// </summary>
/// <remarks>
/// What differs from a server: all connections share one session, so a setting without LOCAL stays for all; a connection waits while
/// another is in a transaction; nothing can be cancelled while it runs; COPY FROM STDIN is gathered by the script before PGlite sees it.
/// </remarks>
internal sealed class PGliteServer : IDisposable
{
    private const string Script = "pglite-server.mjs";

    private static readonly string[] s_packages = [
        "@electric-sql/pglite@0.5.14", "@electric-sql/pglite-pgvector@0.0.15", "@electric-sql/pglite-socket@0.2.17"];
    private static readonly TimeSpan s_installing = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_starting = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private PGliteServer(Process process, int port)
    {
        _process = process;
        ConnectionString = string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={port};Username=postgres;Password=none;Database=postgres;SSL Mode=Disable;Pooling=false;Timeout=60;Command Timeout=120");
    }

    public string ConnectionString { get; }

    /// <summary>Starts it, or says why it cannot be had.</summary>
    public static async Task<(PGliteServer? Server, string Problem)> StartAsync()
    {
        try
        {
            string folder = await InstallAsync();
            return (await StartAsync(folder), "");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return (null, $"No PGlite: {e.Message}");
        }
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill();
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It has ended by itself.
        }
        _process.Dispose();
    }

    /// <summary>The folder of packages and script, made whole somewhere else and then moved into place: two processes may do so at
    /// once.</summary>
    private static async Task<string> InstallAsync()
    {
        using Stream script = Assembly.GetExecutingAssembly().GetManifestResourceStream(Script)!;
        byte[] bytes = new byte[script.Length];
        script.ReadExactly(bytes);
        string version = Convert.ToHexString(
            SHA256.HashData([.. bytes, .. System.Text.Encoding.UTF8.GetBytes(string.Join(' ', s_packages))]).AsSpan(0, 8));
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        string parent = Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "Microsoft.ML.Mrl.Tests");
        string place = Path.Combine(parent, $"pglite-{version}");
        if (Directory.Exists(place))
        {
            return place;
        }
        string making = Directory.CreateDirectory(Path.Combine(parent, $"making-{Guid.NewGuid():N}")).FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(making, "package.json"), "{ \"private\": true }\n");
            await File.WriteAllBytesAsync(Path.Combine(making, Script), bytes);
            string[] npm = OperatingSystem.IsWindows() ? ["cmd", "/c", "npm"] : ["npm"];
            await RunAsync(making, [.. npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", .. s_packages]);
            Directory.Move(making, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another process was first.
        }
        finally
        {
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }
        }
        return place;
    }

    private static async Task RunAsync(string folder, string[] command)
    {
        using Process process = Process.Start(Command(folder, command))
            ?? throw new InvalidOperationException($"{command[0]} does not start.");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_installing);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', command)} took more than {s_installing.TotalMinutes} minutes.");
        }
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await error}{await output}");
        }
    }

    private static async Task<PGliteServer> StartAsync(string folder)
    {
        Process process = Process.Start(Command(folder, ["node", Script])) ?? throw new InvalidOperationException("node does not start.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_starting);
            if (line?.Split(' ') is ["PORT", var port])
            {
                // Whatever else it may say is read, so that it never waits for a reader.
                _ = process.StandardOutput.ReadToEndAsync();
                return new PGliteServer(process, int.Parse(port, CultureInfo.InvariantCulture));
            }
            throw new InvalidOperationException($"node {Script} said '{line}': {(line is null ? await error : "")}");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    private static ProcessStartInfo Command(string folder, string[] command) => new(command[0], command[1..])
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}

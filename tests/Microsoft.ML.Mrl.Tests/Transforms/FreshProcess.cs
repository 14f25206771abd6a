using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.ML.Mrl.Cli;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>What a process that only references Microsoft.ML.Mrl sees when it loads a saved model (Microsoft.ML.Mrl.Tests.Child).</summary>
internal sealed record FreshProcess(string[] Steps, ILookup<string, float[]> Columns, bool HasTorchSharp, bool HasLibtorch)
{
    public static FreshProcess Apply(MLContext ml, ITransformer model, DataViewSchema inputSchema, float[][] rows, params string[] columns)
    {
        string folder = Directory.CreateTempSubdirectory("mrl-tests-").FullName;
        try
        {
            string zip = Path.Combine(folder, "model.zip");
            string vectors = Path.Combine(folder, "vectors.txt");
            ml.Model.Save(model, inputSchema, zip);
            File.WriteAllLines(vectors, rows.Select(r => string.Join(' ', r.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))));
            return Parse(Run([ChildAssembly, zip, vectors, .. columns]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string ChildAssembly =>
        typeof(FreshProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ChildAssembly").Value!;

    /// <summary>Starts the child with other arguments.</summary>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [ChildAssembly, .. arguments])
    {
        RedirectStandardOutput = true,
    })!;

    private static string[] Run(string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"The child ended with {process.ExitCode}: {errors.Result}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static FreshProcess Parse(string[] output)
    {
        ILookup<string, string> lines = output.ToLookup(l => l[..l.IndexOf(' ')], l => l[(l.IndexOf(' ') + 1)..]);
        ILookup<string, float[]> columns = output
            .Where(l => !l.StartsWith("step ", StringComparison.Ordinal) && !l.Contains("orch", StringComparison.Ordinal))
            .ToLookup(l => l[..l.IndexOf(' ')], l => l.Split(' ')[1..].Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray());
        return new FreshProcess(
            [.. lines["step"]], columns, bool.Parse(lines["TorchSharp"].Single()), bool.Parse(lines["libtorch"].Single()));
    }
}

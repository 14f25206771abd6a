using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Interruptions;

/// <summary>
/// Kills trainings at random moments and lets them go on: <c>-- kill [TIMES] [KIND …]</c>, 20 times each of <c>head</c>, <c>static</c> and
/// <c>transformer</c> unless told otherwise. Every one must come to the bytes of a training that was left in peace.
/// </summary>
internal static class KillProgram
{
    public static int Run(string[] args)
    {
        int times = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        string[] kinds = args.Length > 1 ? args[1..] : [.. KilledTraining.Kinds];
        return kinds.Sum(kind => Kill(kind, times)) == 0 ? 0 : 1;
    }

    /// <summary>Trains, going on from what is in the folder, and prints the fingerprint of what came out.</summary>
    public static int RunChild(string kind, string folder)
    {
        Console.WriteLine(KilledTraining.Run(kind, folder));
        return 0;
    }

    /// <returns>How many trainings came to something else.</returns>
    private static int Kill(string kind, int times)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"mrl-kill-{Guid.NewGuid():N}");
        var random = new Random(1);
        try
        {
            var clock = Stopwatch.StartNew();
            string wanted = ChildToItsEnd(kind, Path.Combine(folder, "peace"));
            TimeSpan inPeace = clock.Elapsed;
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{kind}: left in peace it comes to {wanted} in {inPeace.TotalSeconds:0.0} s"));
            int killed = 0, afterCheckpoint = 0, wrong = 0, trainings = 0;
            for (; killed < times; trainings++)
            {
                string own = Path.Combine(folder, $"training-{trainings}");
                string? got = null;
                while (got is null)
                {
                    if (killed == times)
                    {
                        got = ChildToItsEnd(kind, own);
                        break;
                    }
                    using Process child = Start(kind, own);
                    Task<string> output = child.StandardOutput.ReadToEndAsync();
                    // Seldom before the first checkpoint, and not at an end that seldom comes.
                    if (child.WaitForExit((0.25 + 0.65 * random.NextDouble()) * inPeace))
                    {
                        got = output.Result.Trim();
                        break;
                    }
                    child.Kill();
                    child.WaitForExit();
                    killed++;
                    string? last = Directory.GetFiles(own, "*.checkpoint").Select(Path.GetFileName).Order().LastOrDefault();
                    afterCheckpoint += last is null ? 0 : 1;
                    Console.WriteLine($"  killed {killed} of {times}: {last ?? "before the first checkpoint"}");
                }
                wrong += got == wanted ? 0 : 1;
                Console.WriteLine($"  training {trainings} came to {got}, {(got == wanted ? "as" : "NOT as")} one left in peace");
            }
            Console.WriteLine(
                $"{kind}: {killed} kills, {afterCheckpoint} of them after a checkpoint; {trainings - wrong} of {trainings} trainings as one left in peace");
            return wrong;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string ChildToItsEnd(string kind, string folder)
    {
        using Process child = Start(kind, folder);
        return child.StandardOutput.ReadToEnd().Trim();
    }

    private static Process Start(string kind, string folder)
    {
        Directory.CreateDirectory(folder);
        return OwnProcess.Start(["kill-child", kind, folder], redirectOutput: true);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>
/// Names and finds the part files that the shards of one embedding write. Shard I of N has the blocks I, I + N, I + 2N, … of
/// <see cref="RowsOfBlock"/> rows, so that no shard needs to know how many rows there are. The name of a part file has a key of everything
/// that determines its content, so that part files of other models or other data are never mixed up.
/// </summary>
internal static partial class PartFile
{
    /// <summary>The number of rows of a block.</summary>
    public const int RowsOfBlock = 2_000;

    private const int SampledBytes = 1 << 20;

    /// <summary>Returns the path of a part file.</summary>
    /// <param name="request">The request, which names a shard.</param>
    /// <param name="model">The identity of the model.</param>
    public static string PathOf(EmbedRequest request, string model)
    {
        (int index, int count) = request.Shard!.Value;
        string name = string.Create(
            CultureInfo.InvariantCulture,
                $"{Path.GetFileNameWithoutExtension(request.Output)}.part{index}-of-{count}.{Key(request, model, count)}");
        return Path.Combine(Path.GetDirectoryName(request.Output) ?? "", name + Path.GetExtension(request.Output));
    }

    /// <summary>Finds the part files of an output, in the order of the shards.</summary>
    /// <exception cref="CommandException">There are none, some are missing, or there are those of several embeddings.</exception>
    public static string[] Find(string output)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        string name = Path.GetFileNameWithoutExtension(output), extension = Path.GetExtension(output);
        (Match Name, string Path)[] found = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(path => (Name: Pattern().Match(Path.GetFileName(path)), Path: path))
                .Where(file =>
                    file.Name.Success && file.Name.Groups["name"].Value == name && file.Name.Groups["extension"].Value == extension)]
            : [];
        IGrouping<string, (Match Name, string Path)>[] sets =
            [.. found.GroupBy(file => $"{file.Name.Groups["count"].Value} {file.Name.Groups["key"].Value}")];
        if (sets.Length == 0)
        {
            throw new CommandException(
                $"Cannot merge into '{output}': there is no part file of it. Run mrl embed with --shard I/N for every I first.");
        }
        if (sets.Length > 1)
        {
            throw new CommandException(
                $"Cannot merge into '{output}': there are part files of {sets.Length} different embeddings "
                + $"({string.Join(", ", sets.Select(set => Path.GetFileName(set.First().Path)))}). Delete those that are not wanted.");
        }
        Dictionary<int, string> parts = sets[0].ToDictionary(file => Number(file.Name, "index"), file => file.Path);
        int count = Number(sets[0].First().Name, "count");
        int[] missing = [.. Enumerable.Range(1, count).Where(index => !parts.ContainsKey(index))];
        return missing.Length == 0
            ? [.. Enumerable.Range(1, count).Select(index => parts[index])]
            : throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot merge into '{output}': {missing.Length} of {count} part files are missing, the first of them {missing[0]}. ")
                + $"Run mrl embed with --shard {missing[0]}/{count} and the same options as before.");
    }

    private static int Number(Match name, string group) => int.Parse(name.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static string Key(EmbedRequest request, string model, int count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendSample(hash, request.Dataset);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
                $"{model} {request.Dimensions} {request.Columns} {request.Format} {request.Kept} {count} {RowsOfBlock}{request.Prompt}")));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..8];
    }

    // A data set may be far larger than the memory and lie on other paths elsewhere: its length, its beginning and its end tell it apart.
    private static void AppendSample(IncrementalHash hash, string path)
    {
        using FileStream file = File.OpenRead(path);
        hash.AppendData(BitConverter.GetBytes(file.Length));
        var sample = new byte[Math.Min(SampledBytes, file.Length)];
        file.ReadExactly(sample);
        hash.AppendData(sample);
        file.Position = file.Length - sample.Length;
        file.ReadExactly(sample);
        hash.AppendData(sample);
    }

    [GeneratedRegex(@"^(?<name>.*)\.part(?<index>\d{1,9})-of-(?<count>\d{1,9})\.(?<key>[0-9a-f]{8})(?<extension>\.[^.]*)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Where repaired libraries may be kept, first choice first.</summary>
internal static class CacheDirectories
{
    private const string Name = "Microsoft.ML.Mrl";

    /// <summary>The folders for this user. Enumerate only as far as needed: reaching the last one makes it.</summary>
    public static IEnumerable<string> ForThisUser() => InOrder(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        Path.GetTempPath(),
        Environment.UserName,
        Environment.IsPrivilegedProcess);

    /// <summary>The folders in a given environment.</summary>
    /// <param name="localApplicationData">The user's own data folder; empty when there is none.</param>
    /// <param name="temporary">The folder of temporary files.</param>
    /// <param name="user">The user's name; may be empty.</param>
    /// <param name="isPrivileged">Whether the process may change everybody's files.</param>
    internal static IEnumerable<string> InOrder(string localApplicationData, string temporary, string user, bool isPrivileged)
    {
        if (Path.IsPathRooted(localApplicationData))
        {
            yield return Path.Combine(localApplicationData, Name, "native");
        }
        // Others may have made this one first. The cache finds that out by setting its mode, which for root proves nothing.
        if (!isPrivileged)
        {
            yield return Path.Combine(temporary, $"{Name}-{string.Concat(user.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}");
        }
        // Nobody can have made this one, but the next process will not find it again.
        yield return Directory.CreateTempSubdirectory($"{Name}-").FullName;
    }
}

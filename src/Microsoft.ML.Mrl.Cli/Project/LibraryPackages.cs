using System.IO.Compression;
using System.Reflection;
using System.Runtime.Loader;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>
/// Writes the libraries of the tool as NuGet packages, from the assemblies beside the tool, so that a generated project builds in any place
/// and uses the libraries that its model was trained with.
/// </summary>
internal static class LibraryPackages
{
    /// <summary>The folder of the packages in the folder of a project.</summary>
    public const string FolderName = "packages";

    private const string Framework = "net10.0";

    private static readonly string[] s_ids = ["Microsoft.ML.Mrl", "Microsoft.ML.Mrl.Text", "Microsoft.ML.Mrl.TorchSharp"];
    private static readonly Lazy<Dictionary<string, (string Version, (string Id, string Version)[] Dependencies)>> s_libraries = new(
        ReadLibraries);
    private static readonly Lazy<string> s_version = new(() => $"{ProjectFileCode.Version}-local.{Hash()}");

    /// <summary>
    /// Gets the version of the packages: that of the tool, with a hash of the assemblies, so that no other build is taken for this one.
    /// </summary>
    public static string Version => s_version.Value;

    /// <summary>Returns the version of a package that the tool itself uses.</summary>
    public static string VersionOf(string id) => s_libraries.Value.TryGetValue(id, out var library)
        ? library.Version
        : throw new CommandException(
            $"Cannot write a project: the tool's own list of libraries does not name '{id}'. Install the tool again.");

    /// <summary>Writes the packages, and deletes those that an earlier training left.</summary>
    public static void Write(ProjectFolder folder)
    {
        foreach (string id in s_ids)
        {
            folder.Write(Path.Combine(FolderName, $"{id}.{Version}.nupkg"), stream => WritePackage(id, stream));
        }
        foreach (string file in Directory.EnumerateFiles(folder.PathOf(FolderName), "Microsoft.ML.Mrl*.nupkg"))
        {
            if (!file.EndsWith($".{Version}.nupkg", StringComparison.Ordinal))
            {
                File.Delete(file);
            }
        }
    }

    private static void WritePackage(string id, Stream stream)
    {
        using var package = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using (var writer = new StreamWriter(
            package.CreateEntry($"{id}.nuspec").Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            writer.Write(Nuspec(id));
        }
        string assembly = AssemblyOf(id);
        package.CreateEntryFromFile(assembly, $"lib/{Framework}/{id}.dll");
        if (Path.ChangeExtension(assembly, ".xml") is var documentation && File.Exists(documentation))
        {
            package.CreateEntryFromFile(documentation, $"lib/{Framework}/{id}.xml");
        }
    }

    private static string Nuspec(string id)
    {
        IEnumerable<string> dependencies = s_libraries.Value[id].Dependencies.Select(dependency => s_ids.Contains(dependency.Id)
            ? $"""<dependency id="{dependency.Id}" version="[{Version}]" />"""
            : $"""<dependency id="{SecurityElement.Escape(dependency.Id)}" version="{SecurityElement.Escape(dependency.Version)}" />""");
        return $"""
            <?xml version="1.0" encoding="utf-8"?>
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{id}</id>
                <version>{Version}</version>
                <authors>Microsoft.ML.Mrl contributors</authors>
                <license type="expression">MIT</license>
                <description>{id} as the mrl tool itself uses it, written beside a generated project.</description>
                <dependencies>
                  <group targetFramework="{Framework}">
                    {string.Join("\n        ", dependencies)}
                  </group>
                </dependencies>
              </metadata>
            </package>

            """;
    }

    private static string AssemblyOf(string id) => AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(id)).Location;

    private static string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string id in s_ids)
        {
            hash.AppendData(File.ReadAllBytes(AssemblyOf(id)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    /// <summary>Reads the libraries of the running program, with the dependencies of each, from its .deps.json.</summary>
    private static Dictionary<string, (string, (string, string)[])> ReadLibraries()
    {
        string? path = ((string?)AppContext.GetData("APP_CONTEXT_DEPS_FILES"))?.Split(Path.PathSeparator, ';').FirstOrDefault(File.Exists);
        if (path is null)
        {
            throw new CommandException(
                "Cannot write a project: the tool's own list of libraries, mrl.deps.json, is missing. Install the tool again.");
        }
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        string target = document.RootElement.GetProperty("runtimeTarget").GetProperty("name").GetString()!;
        var libraries = new Dictionary<string, (string, (string, string)[])>(StringComparer.Ordinal);
        foreach (JsonProperty library in document.RootElement.GetProperty("targets").GetProperty(target).EnumerateObject())
        {
            string[] name = library.Name.Split('/');
            (string, string)[] dependencies = library.Value.TryGetProperty("dependencies", out JsonElement list)
                ? [.. list.EnumerateObject().Select(dependency => (dependency.Name, dependency.Value.GetString()!))]
                : [];
            libraries[name[0]] = (name[1], dependencies);
        }
        return libraries;
    }
}

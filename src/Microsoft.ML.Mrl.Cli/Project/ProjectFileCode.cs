using System.Reflection;
using System.Security;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the project file.</summary>
internal static class ProjectFileCode
{
    /// <summary>The libtorch package that the libraries were tested with.</summary>
    public const string TorchVersion = "0.107.0";

    /// <summary>The ONNX Runtime package that they were tested with.</summary>
    public const string OnnxRuntimeVersion = "1.31.1";

    /// <summary>The package that reads Parquet files, which is this tool's own.</summary>
    public const string ParquetVersion = "6.1.0";

    /// <summary>The version of the libraries, which is this tool's own.</summary>
    public static string Version => typeof(ProjectFileCode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The file's content.</summary>
    public static string Write(ProjectSource source) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RootNamespace>{source.Name.Namespace}</RootNamespace>
            <AssemblyName>{source.Class}App</AssemblyName>
            <Nullable>enable</Nullable>
            <!-- Only this system's libtorch, which is large: without it that of every system is copied. -->
            <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
            <MrlVersion Condition="'$(MrlVersion)' == ''">{Version}</MrlVersion>
          </PropertyGroup>

          <ItemGroup>
            <!-- Embedding needs Microsoft.ML.Mrl alone; the other two are for training anew. -->
            <PackageReference Include="Microsoft.ML.Mrl" Version="$(MrlVersion)" />
            <PackageReference Include="Microsoft.ML.Mrl.TorchSharp" Version="$(MrlVersion)" />
            <PackageReference Include="TorchSharp-cpu" Version="{TorchVersion}" />{OnnxRuntime(source)}{Parquet(source)}
          </ItemGroup>

          <ItemGroup>
            <None Update="{SecurityElement.Escape(source.Name.FileName)}.zip" CopyToOutputDirectory="PreserveNewest" />{(Path.IsPathRooted(source.DataPath) ? "" : $"\n    <None Update=\"{SecurityElement.Escape(source.DataPath)}\" CopyToOutputDirectory=\"PreserveNewest\" />")}
          </ItemGroup>
        </Project>

        """;

    private static string OnnxRuntime(ProjectSource source) => source.Result.Model.Encoder is TransformerTextEncoder
        ? $"\n    <!-- Runs the transformer. -->\n    <PackageReference Include=\"Microsoft.ML.OnnxRuntime\" Version=\"{OnnxRuntimeVersion}\" />"
        : "";

    private static string Parquet(ProjectSource source) => source.IsParquet
        ? $"\n    <!-- Reads the data set. -->\n    <PackageReference Include=\"Parquet.Net\" Version=\"{ParquetVersion}\" />"
        : "";
}

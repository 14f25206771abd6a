using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Microsoft.ML.Mrl.Tests.Architecture;

public class WallsTests
{
    private static readonly IReadOnlyList<TypeUse> s_types = [.. Package.All.SelectMany(package => AssemblyTypes.Read(package.Path))];

    [Fact]
    public void EveryType_UsesOnlyRoomsBeforeItsOwn()
    {
        IReadOnlyList<string> broken = Walls.Broken(s_types, Package.All);

        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken));
    }

    [Fact]
    public void EveryPackage_HasTypesInEachOfItsRooms()
    {
        foreach (Package package in Package.All)
        {
            var found = s_types.Where(type => type.Type.Assembly == package.Assembly).SelectMany(type => type.Files).Select(package.RoomOf)
                .ToHashSet();

            Assert.All(package.Rooms, room => Assert.Contains(room, found));
        }
    }

    [Fact]
    public void TorchSharp_IsUsedByTheTrainingProjectAlone()
    {
        string[] users =
        [
            .. s_types.Where(type => type.Type.Assembly != "Microsoft.ML.Mrl.TorchSharp")
                .SelectMany(
                    type => type.Uses.Where(use => use.Assembly == "TorchSharp").Select(use => $"{type.Type.Name} uses {use.Name}.")),
        ];

        Assert.Empty(users);
        Assert.Contains(s_types, type => type.Uses.Any(use => use.Assembly == "TorchSharp"));
    }

    [Fact]
    public void OnnxRuntime_IsUsedByTheTextProjectAlone()
    {
        string[] users =
        [
            .. s_types.Where(type => type.Type.Assembly is not ("Microsoft.ML.Mrl.Text" or "mrl"))
                .SelectMany(
                    type => type.Uses.Where(use => use.Assembly == "Microsoft.ML.OnnxRuntime")
                    .Select(use => $"{type.Type.Name} uses {use.Name}.")),
        ];

        Assert.Empty(users);
    }

    [Fact]
    public void InternalTypes_LiveInTheNamespaceOfTheirFolder_PublicOnesInTheRoot()
    {
        var wrong = new List<string>();
        foreach (TypeUse type in s_types.Where(type => type.Files.Count > 0 && !type.Files[0].Contains("/obj/", StringComparison.Ordinal)))
        {
            Package package = Package.All.Single(package => package.Assembly == type.Type.Assembly);
            string file = type.Files[0];
            int start = file.LastIndexOf($"/src/{package.Name}/", StringComparison.Ordinal) + "/src/".Length;
            string space = file[start..file.LastIndexOf('/')].Replace('/', '.');
            int dot = type.Type.Name.LastIndexOf('.');
            string found = dot < 0 ? "" : type.Type.Name[..dot];
            bool isRight = type.IsPublic
                ? found is "Microsoft.ML.Mrl" or "Microsoft.ML" or "Microsoft.Extensions.AI" or "Microsoft.Extensions.VectorData"
                : found == space || dot < 0 || found == "System.Runtime.CompilerServices";
            if (!isRight)
            {
                wrong.Add($"{type.Type.Name} lies in {file[start..]}.");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("internal sealed class Low { public object Make() => new High(); }", "internal sealed class High;")]
    [InlineData("internal sealed class Low : High;", "internal class High;")]
    [InlineData(
        "internal sealed class Low { private readonly System.Collections.Generic.List<High[]>? _all = null; public int Count => _all!.Count; }", "internal sealed class High;")]
    [InlineData(
        "internal static class Low { public static string Name => nameof(System.Object) + typeof(High).Name; }",
        "internal enum High { None }")]
    [InlineData(
        "internal static class Low { public static void Do() { try { High.Do(); } catch (System.Exception) { } } }",
        "internal static class High { public static void Do() { } }")]
    public void PlantedEdge_IsFoundAndNamesBothTypes(string low, string high)
    {
        IReadOnlyList<string> broken = Walls.Broken(
            Compile(("src/Planted/Vectors/Low.cs", low), ("src/Planted/Heads/High.cs", high)),
            [new Package("Planted", "Planted", [], ["Vectors", "Heads"])]);

        string sentence = Assert.Single(broken);
        Assert.Equal("Low (Planted, Vectors) must not use High (Planted, Heads).", sentence);
    }

    [Fact]
    public void PlantedEdge_TheOtherWayRound_IsAllowed() =>
        Assert.Empty(Walls.Broken(
            Compile(("src/Planted/Vectors/Low.cs", "internal sealed class Low;"),
                ("src/Planted/Heads/High.cs", "internal sealed class High { public Low? Low; }")),
            [new Package("Planted", "Planted", [], ["Vectors", "Heads"])]));

    [Fact]
    public void PlantedFolder_ThatIsNoRoom_IsFound()
    {
        IReadOnlyList<string> broken = Walls.Broken(
            Compile(("src/Planted/Helpers/Low.cs", "internal sealed class Low;")), [new Package("Planted", "Planted", [], ["Vectors"])]);

        Assert.Equal("Low lies in the folder 'Helpers' of Planted, which is no room.", Assert.Single(broken));
    }

    private static IReadOnlyList<TypeUse> Compile(params (string Path, string Code)[] files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mrl-planted-");
        try
        {
            SyntaxTree[] trees = [
                .. files.Select(
                    file => CSharpSyntaxTree.ParseText(SourceText.From(file.Code, System.Text.Encoding.UTF8), path: "/" + file.Path))];
            CSharpCompilation compilation = CSharpCompilation.Create(
                "Planted", trees, [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
            string path = Path.Combine(folder.FullName, "Planted.dll");
            EmitResult result;
            using (FileStream assembly = File.Create(path), symbols = File.Create(Path.ChangeExtension(path, ".pdb")))
            {
                result = compilation.Emit(
                    assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
            }
            Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
            return AssemblyTypes.Read(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

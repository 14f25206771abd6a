using System.Reflection;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Friend;

/// <summary>Which inner members of ML.NET we stand on. An ML.NET that moved one fails here, by name.</summary>
public class FriendMembersTests
{
    private const BindingFlags Any =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly Assembly _product = typeof(EmbeddingHead).Assembly;

    /// <summary>Assembly, type, and its members that we call, implement or override; <c>.ctor</c> is a constructor.</summary>
    public static TheoryData<string, string, string> Members => new()
    {
        { "Microsoft.ML.Core", "Microsoft.ML.Data.AnnotationBuilderExtensions", "AddKeyValues AddSlotNames" },
        { "Microsoft.ML.Core", "Microsoft.ML.Data.AnnotationUtils", "GetMaxAnnotationKind HasSlotNames get_ScoreColumnSetIdType" },
        { "Microsoft.ML.Core", "Microsoft.ML.Data.RootCursorBase", ".ctor Ch Dispose MoveNextCore get_IsGood" },
        { "Microsoft.ML.Core", "Microsoft.ML.Data.SynchronizedCursorBase", ".ctor Ch" },
        { "Microsoft.ML.Core", "Microsoft.ML.LoadableClassAttribute", ".ctor" },
        { "Microsoft.ML.Core", "Microsoft.ML.ModelLoadContext", "CheckAtModel Reader TryLoadBinaryStream" },
        { "Microsoft.ML.Core", "Microsoft.ML.ModelSaveContext", "CheckAtModel SaveBinaryStream SetVersionInfo Writer" },
        { "Microsoft.ML.Core", "Microsoft.ML.Runtime.Contracts", "Check CheckAlive CheckDecode Except ExceptSchemaMismatch" },
        { "Microsoft.ML.Core", "Microsoft.ML.Runtime.HostExtensions", "Info" },
        { "Microsoft.ML.Core", "Microsoft.ML.Runtime.HostExtensions", "Warning" },
        { "Microsoft.ML.Core", "Microsoft.ML.Runtime.IHostEnvironmentInternal", "get_FallbackToCpu get_GpuDeviceId get_Seed" },
        { "Microsoft.ML.Core", "Microsoft.ML.SchemaShape", "TryFindColumn" },
        { "Microsoft.ML.Core", "Microsoft.ML.SchemaShape+Column", ".ctor GetTypeString" },
        { "Microsoft.ML.Core", "Microsoft.ML.SignatureLoadModel", "" },
        { "Microsoft.ML.Core", "Microsoft.ML.TrainerInfo", ".ctor" },
        { "Microsoft.ML.Core", "Microsoft.ML.VersionInfo", ".ctor" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.CatalogUtils", "GetEnvironment" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.IDataTransform", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.IInternalCatalog", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.IRowMapper", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.ITransformTemplate", "ApplyToData" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.OneToOneTransformerBase", ".ctor CheckInputColumn ColumnPairs SaveColumns" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.OneToOneTransformerBase+OneToOneMapperBase", ".ctor ColMapNewToOld" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.RowToRowMapperTransform", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.RowToRowTransformBase", ".ctor" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.RowToRowTransformerBase", ".ctor Host MakeDataTransform MakeRowMapper SaveModel" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.RowToRowTransformerBase+MapperBase",
            ".ctor CreateGetters GetDependenciesCore GetOutputColumnsCore InputSchema MakeGetter SaveModel" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.SignatureLoadRowMapper", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Data.TransformBase",
            "GetRowCursorCore GetRowCursorSet Host SaveModel ShouldUseParallelCursors get_OutputSchema get_Source" },
        { "Microsoft.ML.Data", "Microsoft.ML.Model.OnnxConverter.ICanSaveOnnx", "CanSaveOnnx" },
        { "Microsoft.ML.Data", "Microsoft.ML.Model.OnnxConverter.ISaveAsOnnx", "SaveAsOnnx" },
        { "Microsoft.ML.Data", "Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx", "" },
        { "Microsoft.ML.Data", "Microsoft.ML.Model.OnnxConverter.OnnxContext",
            "AddInitializer AddIntermediateVariable CheckOpSetVersion ContainsColumn CreateNode GetNodeName GetVariableName RemoveColumn" },
        { "Microsoft.ML.Data", "Microsoft.ML.Model.OnnxConverter.OnnxNode", "AddAttribute" },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public void Members_AreWhereWeUseThem(string assembly, string type, string members)
    {
        Type? found = Assembly.Load(assembly).GetType(type);

        Assert.True(found is not null, $"ML.NET no longer has the type {type} in {assembly}.");
        Assert.All(members.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            member => Assert.True(found.GetMember(member, Any).Length > 0, $"ML.NET no longer has {type}.{member} in {assembly}."));
    }

    [Fact]
    public void Members_NamesEverythingInternalThatTheProductUses()
    {
        HashSet<string> listed = [
            .. Members.SelectMany(m => m.Data.Item3.Split(' ').Append("").Select(member => $"{m.Data.Item1} {m.Data.Item2} {member}"))];

        string[] missing = [.. Used().Select(m => $"{m.Assembly} {m.Type} {m.Member}").Distinct().Where(m => !listed.Contains(m)).Order()];

        Assert.True(missing.Length == 0, "Add to the list: " + string.Join("; ", missing));
    }

    /// <summary>What the compiled product refers to in ML.NET and an outsider could not.</summary>
    private IEnumerable<(string Assembly, string Type, string Member)> Used()
    {
        foreach (Type type in Referenced(0x01000000).Cast<Type>().Where(t => IsFriend(t) && !t.IsVisible))
        {
            yield return (type.Assembly.GetName().Name!, type.FullName!, "");
        }
        foreach (MemberInfo member in Referenced(0x0A000000).Where(m => m.DeclaringType is { } t && IsFriend(t) && IsClosed(m)))
        {
            yield return (member.DeclaringType!.Assembly.GetName().Name!, member.DeclaringType.FullName!, member.Name);
        }
        foreach (MethodInfo method in _product.GetTypes().SelectMany(t => t.GetMethods(Any)))
        {
            MethodInfo overridden = method.GetBaseDefinition();
            if (overridden.DeclaringType is { } declaring && IsFriend(declaring)
                && (overridden.IsFamilyAndAssembly || !declaring.IsVisible))
            {
                yield return (declaring.Assembly.GetName().Name!, declaring.FullName!, overridden.Name);
            }
        }
    }

    /// <summary>The rows of one metadata table (type references, member references), as reflection sees them.</summary>
    private IEnumerable<MemberInfo> Referenced(int table)
    {
        for (int row = 1; ; row++)
        {
            MemberInfo? member;
            try
            {
                member = Resolved(table + row);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            if (member is not null)
            {
                yield return member;
            }
        }
    }

    private MemberInfo? Resolved(int token)
    {
        // Something for every type parameter that a member of the product may stand in: a number, or else a transformer.
        try
        {
            return With(typeof(int));
        }
        catch (TypeLoadException)
        {
            return With(typeof(TruncateEmbeddingTransformer));
        }

        MemberInfo? With(Type argument)
        {
            Type[] arguments = [.. Enumerable.Repeat(argument, 8)];
            return _product.ManifestModule.ResolveMember(token, arguments, arguments);
        }
    }

    private static bool IsFriend(Type type) => type.Assembly.GetName().Name is "Microsoft.ML.Core" or "Microsoft.ML.Data";

    private static bool IsClosed(MemberInfo member) => !member.DeclaringType!.IsVisible || member switch
    {
        MethodBase method => method.IsAssembly || method.IsFamilyAndAssembly || method.IsPrivate,
        FieldInfo field => field.IsAssembly || field.IsFamilyAndAssembly || field.IsPrivate,
        _ => false,
    };
}

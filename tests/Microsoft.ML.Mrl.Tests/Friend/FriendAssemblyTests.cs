using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mrl.Tests.Friend;

public class FriendAssemblyTests
{
    private readonly Assembly _product = typeof(EmbeddingHead).Assembly;

    [Fact]
    public void Product_AsksTheRuntimeForAccessToTwoAssemblies()
    {
        IEnumerable<object?> names = _product.GetCustomAttributesData()
            .Where(a => a.AttributeType.FullName == "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute")
            .Select(a => a.ConstructorArguments[0].Value);

        Assert.Equal(["Microsoft.ML.Core", "Microsoft.ML.Data"], names.Order());
    }

    [Theory]
    [InlineData("Microsoft.ML.Core")]
    [InlineData("Microsoft.ML.Data")]
    public void Product_RunsOnTheSignedOriginalsAndNotOnFriendCopies(string name)
    {
        AssemblyName reference = Assert.Single(_product.GetReferencedAssemblies(), a => a.Name == name);
        Assembly loaded = Assembly.Load(reference);

        Assert.NotEmpty(reference.GetPublicKeyToken()!);
        Assert.Equal(reference.GetPublicKeyToken(), loaded.GetName().GetPublicKeyToken());
        Assert.DoesNotContain(
            loaded.GetCustomAttributes<InternalsVisibleToAttribute>(),
            a => a.AssemblyName.StartsWith("Microsoft.ML.Mrl", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name + ".dll")), File.ReadAllBytes(loaded.Location));
    }

    [Fact]
    public void Product_DoesNotReferenceTorchSharp() =>
        Assert.DoesNotContain(_product.GetReferencedAssemblies(), a => a.Name!.Contains("Torch", StringComparison.OrdinalIgnoreCase));
}

using System.Reflection;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Tests.Cli.Learning;

public sealed class ToolAdviceTests
{
    public static TheoryData<string> Properties => [.. typeof(VerdictAdvice).GetProperties().Where(p => p.PropertyType == typeof(string))
        .Select(p => p.Name)];

    /// <summary>Whatever a verdict advises to a program, the tool has its own words for.</summary>
    [Theory]
    [MemberData(nameof(Properties))]
    public void Words_OfEveryAdvice_AreThoseOfTheCommandLine(string property)
    {
        PropertyInfo words = typeof(VerdictAdvice).GetProperty(property)!;
        var here = (string)words.GetValue(ToolAdvice.Words)!;

        Assert.NotEqual((string)words.GetValue(VerdictAdvice.ToPrograms)!, here);
        Assert.True(
            here.Contains("--", StringComparison.Ordinal) || here.Contains("in the training code of the project", StringComparison.Ordinal),
            here);
    }
}

using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Tests.Cli.Project;

public sealed class ProjectNameTests
{
    [Theory]
    [InlineData("support.tsv", "SupportMrl")]
    [InlineData("/data/my topics-2.csv", "MyTopics2Mrl")]
    [InlineData("2024.csv", "Data2024Mrl")]
    [InlineData("äöü.csv", "Mrl")]
    [InlineData("camelCase.npy", "CamelCaseMrl")]
    public void OfDataset_IsMadeOfTheFileName(string path, string expected)
    {
        ProjectName name = ProjectName.OfDataset(path);

        Assert.Equal(expected, name.FileName);
        Assert.Equal(expected, name.Identifier);
    }

    [Theory]
    [InlineData("class", "Class")]
    [InlineData("my model", "My_model")]
    [InlineData("1st", "M1st")]
    [InlineData("naïve-größe", "Na_ve_gr__e")]
    [InlineData("System", "SystemMrl")]
    [InlineData("program", "ProgramMrl")]
    [InlineData("_x", "M_x")]
    [InlineData("日本", "M__")]
    public void Of_AnyName_GivesAnIdentifier(string name, string identifier)
    {
        Assert.Equal(identifier, ProjectName.Of(name).Identifier);
        Assert.Equal(name, ProjectName.Of(name).FileName);
        Assert.True(SyntaxFacts.IsValidIdentifier(identifier));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("a\nb")]
    [InlineData("a.")]
    public void Of_NoFileName_IsRefused(string name) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => ProjectName.Of(name)).ExitCode);
}

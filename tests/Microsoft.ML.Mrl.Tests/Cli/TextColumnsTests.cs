using System.Text;
using Microsoft.ML.Mrl.Cli;

namespace Microsoft.ML.Mrl.Tests.Cli;

public sealed class TextColumnsTests
{
    [Theory]
    [InlineData("id,utterance,intent", null, null, 1, 2, true)]
    [InlineData("Category,Text,Source", null, null, 1, 0, true)]
    [InlineData("a,b,label", "b", null, 1, 2, true)]
    [InlineData("a,b,c", "B", "c", 1, 2, false)]
    [InlineData("a,b,c", "2", "0", 2, 0, false)]
    [InlineData("1,0,c", "0", "c", 1, 2, false)]
    public void Choose_FindsColumns(string header, string? text, string? label, int textColumn, int labelColumn, bool guessed) =>
        Assert.Equal(new TextColumns(textColumn, labelColumn, guessed), Choose(header, text, label));

    [Theory]
    [InlineData("a,b,c", "d", "c", "--text-col d")]
    [InlineData("a,b,c", "a", "3", "--label-col 3")]
    [InlineData("a,b,c", null, "c", "--text-col")]
    [InlineData("a,b,c", "a", "a", "text and as label")]
    public void Choose_CannotFind_ListsTheColumns(string header, string? text, string? label, string what)
    {
        string message = Assert.Throws<CommandException>(() => Choose(header, text, label)).Message;

        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains("'a', 'b', 'c'", message, StringComparison.Ordinal);
    }

    private static TextColumns Choose(string header, string? text, string? label)
    {
        using TabularFile file = TabularFile.Open(new MemoryStream(Encoding.UTF8.GetBytes(header + "\nx,y,z\n")), "a.csv", ',');
        return TextColumns.Choose(file, text, label);
    }
}

using System.Text;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class RoleFinderTests
{
    private const string Numbers = "x0,x1,x2,x3,x4,x5,x6,x7";

    [Theory]
    [InlineData("id,utterance,intent", "a,b,c", "Text 1", 2)]
    [InlineData("Category,Text,Source", "a,b,c", "Text 1", 0)]
    [InlineData(Numbers + ",label", "1,2,3,4,5,6,7,8,c", "Numbers 0 1 2 3 4 5 6 7", 8)]
    [InlineData("label," + Numbers + ",note", "c,1,2,3,4,5,6,7,8,words", "Numbers 1 2 3 4 5 6 7 8", 0)]
    [InlineData("Id," + Numbers + ",label", "9,1,2,3,4,5,6,7,8,c", "Numbers 1 2 3 4 5 6 7 8", 9)]
    [InlineData("v|label", "[1, 2]|c", "Array 0", 1)]
    [InlineData("text|v|label", "words|[1 2]|c", "Array 1", 2)]
    public void Find_LeftOut_IsGuessedAndSaid(string header, string row, string input, int label)
    {
        ColumnRoles roles = Find(header, row, new RoleNames());

        Assert.Equal(TaskKind.Classification, roles.Task);
        Assert.Equal(input, Shown(roles.Input));
        Assert.Equal(label, roles.Label);
        Assert.Contains("label is", roles.Guesses, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b,c", "B", "c", 1, 2)]
    [InlineData("a,b,c", "2", "0", 2, 0)]
    [InlineData("1,0,c", "0", "c", 1, 2)]
    public void Find_Named_ByNameThenByPosition(string header, string text, string label, int textColumn, int labelColumn)
    {
        ColumnRoles roles = Find(header, "x,y,z", new RoleNames { Text = text, Label = label });

        Assert.Equal($"Text {textColumn}", Shown(roles.Input));
        Assert.Equal(labelColumn, roles.Label);
        Assert.Null(roles.Guesses);
    }

    [Theory]
    [InlineData("x1..x3", "1 2 3")]
    [InlineData("x3,x1", "3 1")]
    [InlineData("x0, 2..4 ,x7", "0 2 3 4 7")]
    [InlineData("0..7", "0 1 2 3 4 5 6 7")]
    public void Find_VectorAsListAndRange_KeepsTheOrder(string vector, string columns) =>
        Assert.Equal($"Numbers {columns}", Shown(Find(Numbers + ",label", "1,2,3,4,5,6,7,8,c", new RoleNames { Vector = vector }).Input));

    [Theory]
    [InlineData("question,answer", "a,b", "Pairs")]
    [InlineData("anchor,positive,negative", "a,b,c", "Pairs")]
    [InlineData("sentence1,sentence2,score", "a,b,0.5", "ScoredPairs")]
    [InlineData("text,other", "a,b", "Unsupervised")]
    [InlineData("text,positive,label", "a,b,c", "Classification")]
    public void Find_ColumnsDecideTheTask(string header, string row, string task)
    {
        ColumnRoles roles = Find(header, row, new RoleNames());

        Assert.Equal(task, roles.Task.ToString());
        Assert.Equal(header.Contains("negative", StringComparison.Ordinal), roles.Negative is not null);
    }

    [Fact]
    public void Find_PositiveNamed_NoLabelIsGuessed()
    {
        ColumnRoles roles = Find("text,other,label", "a,b,c", new RoleNames { Positive = "other" });

        Assert.Equal(TaskKind.Pairs, roles.Task);
        Assert.Null(roles.Label);
    }

    [Fact]
    public void Find_IgnoredColumns_AreNotGuessed()
    {
        ColumnRoles roles = Find("id," + Numbers + ",label", "9,1,2,3,4,5,6,7,8,c", new RoleNames { Ignored = "id,label" });

        Assert.Equal("Numbers 1 2 3 4 5 6 7 8", Shown(roles.Input));
        Assert.Equal(TaskKind.Unsupervised, roles.Task);
    }

    [Theory]
    [InlineData("Body;Kind", "please;bill", "Kind", "Text 0")]
    [InlineData("id;Body;Kind", "7;please;bill", "Kind", "Text 1")]
    [InlineData("a;b;c;d;#Label", "1;2;3;4;x", "#Label", "Numbers 0 1 2 3")]
    public void Find_LabelNamed_WhatIsLeftIsTheInput(string header, string row, string label, string input)
    {
        ColumnRoles roles = Find(header.Replace(';', ','), row.Replace(';', ','), new RoleNames { Label = label });

        Assert.Equal(input, Shown(roles.Input));
        Assert.Equal(TaskKind.Classification, roles.Task);
    }

    [Fact]
    public void Find_SevenNumbers_AreNoVectorUnasked() =>
        Assert.Contains("--vector-col", Assert.Throws<CommandException>(() => Find("a,b,c,d,e,f,g", "1,2,3,4,5,6,7", new RoleNames()))
            .Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("d", "c", "--text-col d")]
    [InlineData("a", "3", "--label-col 3")]
    [InlineData(null, "c", "--text-col")]
    [InlineData("a", "a", "twice")]
    public void Find_CannotFind_ListsTheColumns(string? text, string? label, string what)
    {
        string message = Assert.Throws<CommandException>(() => Find("a,b,c", "x,y,z", new RoleNames { Text = text, Label = label }))
            .Message;

        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains("'a', 'b', 'c'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x3..x1", "is before")]
    [InlineData("x1,x2,x1", "twice")]
    [InlineData("x1..y", "no column of that name")]
    [InlineData(",", "names no column")]
    public void Find_BadRange_SaysWhat(string vector, string what) =>
        Assert.Contains(what, Assert.Throws<CommandException>(() => Find(Numbers, "1,2,3,4,5,6,7,8", new RoleNames { Vector = vector }))
            .Message, StringComparison.Ordinal);

    [Fact]
    public void Find_TextAndVectorAsTwoSides_IsRefused() =>
        Assert.Contains("Both sides", Assert.Throws<CommandException>(
            () => Find("text|positive", "words|[1, 2]", new RoleNames { Text = "text" })).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_FindTheSameColumnsAgain()
    {
        ColumnRoles roles = Find("\"a,b\",\"c..d\"," + Numbers + ",label", "1,2,3,4,5,6,7,8,9,10,c", new RoleNames());

        Assert.Equal(
            roles.Input.Columns, Find("\"a,b\",\"c..d\"," + Numbers + ",label", "1,2,3,4,5,6,7,8,9,10,c", roles.Names).Input.Columns);
    }

    private static string Shown(Field field) => $"{field.Kind} {string.Join(' ', field.Columns)}";

    private static ColumnRoles Find(string header, string row, RoleNames names)
    {
        string text = string.Join('\n', [header, row]) + "\n";
        using TabularFile file = TabularFile.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), "a.csv",
            new TextFormat { Separator = header.Contains('|', StringComparison.Ordinal) ? '|' : ',' });
        return RoleFinder.Find(TableSample.Of(file), names);
    }
}

using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed partial class ShippedDataTests
{
    private static readonly (string Text, string Intent, string Domain)[] s_rows = Read();

    [Fact]
    public void ShippedData_IsLargeAndBalanced()
    {
        Assert.True(s_rows.Length >= 1500, $"{s_rows.Length} rows");
        Assert.True(s_rows.Select(row => row.Domain).Distinct().Count() >= 8);
        IGrouping<string, (string, string, string)>[] intents = [.. s_rows.GroupBy(row => row.Intent)];
        Assert.True(intents.Length >= 40, $"{intents.Length} intents");
        Assert.All(intents, intent => Assert.InRange(intent.Count(), 30, 50));
    }

    [Fact]
    public void ShippedData_EachIntentBelongsToOneDomain() =>
        Assert.All(s_rows.GroupBy(row => row.Intent), intent => Assert.Single(intent.Select(row => row.Domain).Distinct()));

    [Fact]
    public void ShippedData_HasNoEmptyFieldsAndNoDuplicates()
    {
        Assert.All(s_rows, row => Assert.All([row.Text, row.Intent, row.Domain], field => Assert.NotEqual("", field)));
        Assert.Equal(s_rows.Length, s_rows.Select(row => row.Text.ToUpperInvariant()).Distinct().Count());
    }

    [Fact]
    public void ShippedData_HasNoNearDuplicates()
    {
        HashSet<string>[] words = [.. s_rows.Select(row => Words(row.Text).ToHashSet())];
        for (int i = 0; i < words.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int shared = words[i].Count(words[j].Contains);
                double jaccard = (double)shared / (words[i].Count + words[j].Count - shared);
                Assert.True(jaccard < 0.6, $"Jaccard {jaccard:0.00}: '{s_rows[i].Text}' and '{s_rows[j].Text}'");
            }
        }
    }

    [Fact]
    public void ShippedData_WithinAnIntent_AtMostTwoTextsBeginAlike() =>
        Assert.All(
            s_rows.GroupBy(row => (row.Intent, Beginning: string.Join(' ', Words(row.Text).Take(4)))),
            alike => Assert.True(alike.Count() <= 2, $"{alike.Count()} texts of {alike.Key.Intent} begin with '{alike.Key.Beginning}'"));

    private static (string, string, string)[] Read()
    {
        using TabularFile file = ShippedData.Open();
        Assert.Equal(["Text", "Intent", "Domain"], file.Columns);
        var rows = new List<(string, string, string)>();
        while (file.Read())
        {
            rows.Add((file[0], file[1], file[2]));
        }
        return [.. rows];
    }

    private static IEnumerable<string> Words(string text) => WordPattern().Matches(text.ToUpperInvariant()).Select(match => match.Value);

    [GeneratedRegex("[A-Z0-9']+")]
    private static partial Regex WordPattern();
}

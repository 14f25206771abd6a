using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class LimitedExpressionTests
{
    // Each run of letters is tried in some 2^16 ways before it is known not to end with a b.
    private const string Slow = "(a+)+b|c";

    [Fact]
    public void Matches_OfAnExpressionThatIsSlowOnlyInAll_AreLimitedByText()
    {
        string text = string.Concat(Enumerable.Repeat(new string('a', 16) + "c", 2000));
        var time = new MatchTime(text.Length, TimeSpan.FromMilliseconds(50));

        var e = Assert.Throws<TimeoutException>(() => new LimitedExpression(Slow, "tokenizer.json").Matches(text, time));

        Assert.Contains("'tokenizer.json': the expression (a+)+b|c took", e.Message, StringComparison.Ordinal);
        Assert.Contains("on a text of 34000 characters", e.Message, StringComparison.Ordinal);
        Assert.Contains("Leave the text out or shorten it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Matches_OfTheWordsOfOneText_ShareItsTime()
    {
        string word = new string('a', 16) + "c";
        var expression = new LimitedExpression(Slow, "tokenizer.json");
        var time = new MatchTime(17 * 2000, TimeSpan.FromMilliseconds(50));

        Assert.Throws<TimeoutException>(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                expression.Matches(word, time);
            }
        });
    }

    [Fact]
    public void Matches_OfAnExpressionThatComesToNoEnd_AreATimeoutThatNamesTheFile()
    {
        string text = new string('a', 60) + "d";
        var expression = new LimitedExpression(Slow, "tokenizer.json", TimeSpan.FromMilliseconds(50));

        var e = Assert.Throws<TimeoutException>(() => expression.Matches(text, new MatchTime(text.Length)));

        Assert.IsType<System.Text.RegularExpressions.RegexMatchTimeoutException>(e.InnerException);
        Assert.Contains("'tokenizer.json': the expression (a+)+b|c took", e.Message, StringComparison.Ordinal);
        Assert.Contains("at 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aXbXXc", "a-b--c")]
    [InlineData("X", "-")]
    [InlineData("", "")]
    public void Replace_GivesWhatRegexGives(string text, string expected)
    {
        var output = new CharBuffer();
        new ReplacingNormalizer(new LimitedExpression("X", "tokenizer.json"), "-").Apply(text, output);

        Assert.Equal(expected, output.Written.ToString());
    }
}

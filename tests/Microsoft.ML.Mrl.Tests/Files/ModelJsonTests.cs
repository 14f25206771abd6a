using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Tests.Files;

public class ModelJsonTests
{
    /// <summary>Half of a surrogate pair, and a byte that begins no character, as a text and as a name.</summary>
    public static TheoryData<string> NoUnicode =>
        new("{\"a\": \"\\ud800\"}", "{\"\\ud800\": 1}", "{\"a\": {\"b\": [\"\\udc00x\"]}}", "{\"a\": \"\u00FF\"}", "{\"\u00FF\": 1}");

    [Theory]
    [MemberData(nameof(NoUnicode))]
    public void Parse_TextThatIsNotUnicode_NamesTheFile(string latin1)
    {
        var e = Assert.Throws<InvalidDataException>(() => ModelJson.Parse("config.json", Encoding.Latin1.GetBytes(latin1)));

        Assert.Contains("'config.json'", e.Message, StringComparison.Ordinal);
        Assert.Contains("not UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"type\": \"\\ud800\", \"path\": \"\"}]")]
    [InlineData("[{\"type\": \"a\", \"path\": \"\\ud800\"}]")]
    [InlineData("[{\"type\": \"\u00FF\", \"path\": \"\", \"kwargs\": [1]}]")]
    [InlineData("[{\"type\": \"a\", \"path\": \"\", \"kwargs\": [\"\u00FF\"]}]")]
    public void ReadAll_ModulesThatAreNotUnicode_NameTheFile(string latin1)
    {
        var e = Assert.Throws<InvalidDataException>(() => EncoderModule.ReadAll("modules.json", Encoding.Latin1.GetBytes(latin1)));

        Assert.Contains("'modules.json'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TextsOfEveryKind_AreRead()
    {
        ModelJson json = ModelJson.Parse(
            "config.json", Encoding.UTF8.GetBytes("{\"déjà\": \"\\ud83d\\ude00 vu \U0001F600\", \"\\u0062\": \"\"}"));

        Assert.Equal("\U0001F600 vu \U0001F600", json.Text("déjà"));
        Assert.Equal("", json.Text("b"));
    }

    [Theory]
    [InlineData("{\"a\": \"many\"}", "many")]
    [InlineData("{\"a\": [1, \"x\"]}", "[1, \"x\"]")]
    public void Count_OfSomethingElse_SaysWhatItIs(string text, string found)
    {
        ModelJson json = ModelJson.Parse("config.json", Encoding.UTF8.GetBytes(text));

        Assert.Contains($"but is {found}.", Assert.Throws<InvalidDataException>(() => json.Count("a")).Message, StringComparison.Ordinal);
    }
}

using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Tests.Cli.Project;

public sealed class CSharpLiteralTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("a \"quote\" and a \\ and a {brace}")]
    [InlineData("line\r\nend\t\0\u0085\u2028\u2029\u200b")]
    [InlineData("größe 日本 \ud83d\ude00")]
    [InlineData("\\u0041 $@")]
    [InlineData("")]
    public async Task Text_CompilesToTheSame(string value) =>
        Assert.Equal(value, await CSharpScript.EvaluateAsync<string>(
            CSharpLiteral.Text(value), cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public async Task Text_HalfOfAPair_CompilesToTheSame() =>
        Assert.Equal("\ud83d", await CSharpScript.EvaluateAsync<string>(
            CSharpLiteral.Text("\ud83d"), cancellationToken: TestContext.Current.CancellationToken));

    [Theory]
    [InlineData('\t')]
    [InlineData('\'')]
    [InlineData('\\')]
    [InlineData('|')]
    [InlineData('é')]
    public async Task Character_CompilesToTheSame(char value) =>
        Assert.Equal(value, await CSharpScript.EvaluateAsync<char>(
            CSharpLiteral.Character(value), cancellationToken: TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(0.1f)]
    [InlineData(-3.4028235e38f)]
    [InlineData(1e-45f)]
    [InlineData(-0f)]
    public async Task Single_CompilesToTheSame(float value) =>
        Assert.Equal(BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(
            await CSharpScript.EvaluateAsync<float>(
                CSharpLiteral.Single(value), cancellationToken: TestContext.Current.CancellationToken)));
}

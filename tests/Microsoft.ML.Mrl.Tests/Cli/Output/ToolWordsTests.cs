using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Output;

public sealed class ToolWordsTests
{
    [Theory]
    [InlineData(
        "The raw prefix is returned. Set Gate to HarmGate.MeanOnly to let the mean alone decide.",
        "The raw prefix is returned. Set Gate = HarmGate.MeanOnly in the training code of the project to let the mean alone decide.")]
    [InlineData(
        "The PCA prefix is returned. Give Fit validation rows, or set HarmGate.Off.", "The PCA prefix is returned. Give --validation-dataset.")]
    [InlineData("Train on more rows or raise ValidationFraction.", "Train on more rows or give --validation-dataset.")]
    [InlineData(
        "compared with nothing. Set ValidationFraction above 0 to be sure that it helps.",
        "compared with nothing. Give --validation-dataset to be sure that it helps.")]
    [InlineData(
        "it may be worse than these; set Transfer to prevent that.",
        "it may be worse than these; set Transfer = true in the training code of the project to prevent that.")]
    [InlineData("3 of 9 rows have no label or score and were left out.", "3 of 9 rows have no label or score and were left out.")]
    public void Of_AdviceOfALibrary_IsOneThatTheToolCanFollow(string said, string here) => Assert.Equal(here, ToolWords.Of(said));
}

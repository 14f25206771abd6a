namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Applies one model to several columns, so that both sides of a pair are embedded alike.</summary>
internal static class SharedModel
{
    private const string Kept = "KeptInput";

    /// <summary>Applies the model to its own input column and to others.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model, which makes <paramref name="output"/> of <paramref name="input"/>.</param>
    /// <param name="data">The rows.</param>
    /// <param name="input">The model's input column.</param>
    /// <param name="output">The model's output column.</param>
    /// <param name="others">Other columns of the same type as the input, and the columns to make of them.</param>
    public static IDataView Apply(
        MLContext mlContext,
        ITransformer model,
        IDataView data,
        string input,
        string output,
        params IEnumerable<(string Input, string Output)> others)
    {
        (string Input, string Output)[] all = [.. others];
        if (all.Length == 0)
        {
            return model.Transform(data);
        }
        data = Copy(Kept, input);
        foreach ((string otherInput, string otherOutput) in all)
        {
            data = Copy(input, otherInput);
            data = model.Transform(data);
            data = Copy(otherOutput, output);
        }
        data = Copy(input, Kept);
        return model.Transform(data);

        IDataView Copy(string to, string from) => mlContext.Transforms.CopyColumns(to, from).Fit(data).Transform(data);
    }
}

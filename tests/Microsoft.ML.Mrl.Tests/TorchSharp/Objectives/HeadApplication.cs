namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

internal static class HeadApplication
{
    /// <summary>The head's output for a row's input, at full width.</summary>
    public static float[] Apply(this EmbeddingHead head, Example row)
    {
        var output = new float[head.OutputDimensions];
        head.Apply(row.Input.GetValues(), output);
        return output;
    }
}

namespace Microsoft.ML.Mrl;

/// <summary>The head that changes nothing: it hands on the first values as they are.</summary>
internal static class RawHead
{
    public static LinearHead Of(int inputs, int outputs, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        var weights = new float[(long)inputs * outputs];
        for (int i = 0; i < outputs; i++)
        {
            weights[(long)i * outputs + i] = 1;
        }
        return new LinearHead(weights, new float[outputs], dimensions, summary);
    }
}

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>The check of a label smoothing, and its one wording.</summary>
internal static class LabelSmoothing
{
    public static double Checked(double labelSmoothing) => labelSmoothing is >= 0 and < 1
        ? labelSmoothing
        : throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, $"Label smoothing {labelSmoothing} is a share. Choose 0 up to, not including, 1.");
}

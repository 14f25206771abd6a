namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>How token vectors become one; several are set side by side in this order, as sentence-transformers does.</summary>
[Flags]
internal enum PoolingModes
{
    None = 0,

    /// <summary>The first token.</summary>
    FirstToken = 1,

    /// <summary>The largest value of the real tokens.</summary>
    Max = 2,

    /// <summary>The mean of the real tokens.</summary>
    Mean = 4,

    /// <summary>The sum of the real tokens over the root of their number.</summary>
    MeanSqrtLength = 8,
}

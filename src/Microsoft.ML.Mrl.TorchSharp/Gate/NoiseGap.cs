namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>Why noise was not measured.</summary>
/// <param name="Reason">A sentence.</param>
/// <param name="CanBeMended">Whether more rows would do.</param>
internal sealed record NoiseGap(string Reason, bool CanBeMended);

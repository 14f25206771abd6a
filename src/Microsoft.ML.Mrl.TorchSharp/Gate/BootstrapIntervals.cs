namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>95 % intervals of the difference of two systems' scores; NaN where fewer than half of the resamples have a score.</summary>
/// <param name="Dimensions">At each dimension.</param>
/// <param name="Mean">In the mean over all dimensions.</param>
internal sealed record BootstrapIntervals((double Low, double High)[] Dimensions, (double Low, double High) Mean);

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>A learned head's harm by one of the measures that a score mixes, at one dimension, beyond noise.</summary>
/// <param name="Measure">The measure's name.</param>
/// <param name="Dimensions">The prefix length.</param>
/// <param name="Than">The better of raw and PCA by this measure.</param>
/// <param name="Difference">Learned minus that, below 0.</param>
/// <param name="Low">The lower end of its 95 % interval.</param>
/// <param name="High">The upper end, below 0.</param>
internal sealed record PartHarm(string Measure, int Dimensions, string Than, double Difference, double Low, double High);
